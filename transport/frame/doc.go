// Package frame reads what WebSocket clients send and writes what they get in answer. It does no I/O.
//
// # Client frames
//
// A frame is a text message: one JSON object (RFC 8259) in UTF-8, nested at most 64 deep. [Parse]
// makes a [Frame] of it or an [*Error] that says what to do. A field that is null counts as absent,
// save type, which must be a string. Names are matched with their case.
//
//	chat_message             content; conversation_id or receiver_id; [client_message_id]
//	(no type)                conversation_id, content: as chat_message
//	delivered                message_id; also called message_received
//	read                     message_ids: a list of 1 to 500
//	read_receipt             message_id: as read with one
//	typing                   conversation_id or receiver_id; [is_typing]: true unless false is sent
//	ping                     also called heartbeat
//	subscribe, unsubscribe   channel: task:ID or project:ID
//	sync                     since: an integer, 0 or more; [log_id]
//	authenticate             token
//
// Every frame may have ref: any JSON value of at most 256 bytes, which comes back byte for byte.
// Ids are UUIDs in the 36-character form. Of conversation_id and receiver_id one is given, not both.
// content follows [domain.CheckContent] and is kept exactly; client_message_id is a string of 1 to 64
// bytes. A channel that is neither a task's nor a project's is Forbidden, like one that does not exist.
//
// # What is refused
//
//   - a string anywhere, in unknown fields too, with NUL or half of a surrogate pair: InvalidField;
//   - a known field given twice: InvalidField;
//   - a slip: an unknown field that stands for one which the frame lacks, such as clientMessageId or
//     text. It is UnknownField with what was sent as Field and what was meant as Hint, for required
//     fields too, where it says more than MissingField would. Tables of slips are in slip.go.
//
// Other unknown fields are ignored. Faults are looked for in this order: UTF-8, JSON, strings, type,
// slips, repeats, then each field's own rules.
//
// # Server frames
//
// Answers and signals are types with an AppendJSON, for buffers that are used again. Durable
// pushes, which every reader of the log makes alike, are not written here.
//
// # Descriptions
//
// [ServerFrames] and [ClientFrames] list all of them for who describes them to others: the former with what the tags of
// their structs say, the latter from the tables by which Parse reads them.
package frame
