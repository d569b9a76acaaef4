package frame

import "chainmail/domain"

// Field is one field of a client's frame, as clients are told of it. What it says of lengths is necessary, and not
// enough where bytes are counted.
type Field struct {
	Name     string
	Doc      string
	Required bool   // else it may be left out, or null
	Type     string // of JSON, or "uuid" for a string with one; empty is any
	List     bool   // of such
	Pattern  string // of the string
	Min, Max int64  // of an integer, of a string's length, of how many are in the list; Max 0 is none

	hint string // for who leaves it out though it is required
}

// fields has what there is to say of each field.
var fields = [fieldCount]Field{
	fieldType: {Name: "type"},
	fieldRef: {
		Name: "ref",
		Doc:  "comes back on the answer or error, byte for byte; at most 256 bytes of JSON",
	},
	fieldContent: {
		Name: "content", Type: "string", Min: 1, Max: domain.MaxContent,
		Doc: "the message: at most 10,240 bytes of UTF-8, not all white space, no control characters but tab, LF and CR; kept exactly",
	},
	fieldConversationID: {
		Name: "conversation_id", Type: "uuid",
		Doc: "the conversation it is for",
	},
	fieldReceiverID: {
		Name: "receiver_id", Type: "uuid",
		Doc: "the user it is for, in the direct conversation with him, which the first message opens",
	},
	fieldClientMessageID: {
		Name: "client_message_id", Type: "string", Min: 1, Max: domain.MaxClientMessageID,
		Doc: "1 to 64 bytes of the client's choosing; the same one again returns the first result and stores nothing",
	},
	fieldMessageID: {
		Name: "message_id", Type: "uuid",
	},
	fieldMessageIDs: {
		Name: "message_ids", Type: "uuid", List: true, Min: 1, Max: MaxMessageIDs,
	},
	fieldIsTyping: {
		Name: "is_typing", Type: "boolean",
		Doc: "true where it is left out",
	},
	fieldChannel: {
		Name: "channel", Type: "string",
		Doc:     "a task, or a project with all its tasks",
		Pattern: "^(task|project):[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
		hint:    "task:ID or project:ID",
	},
	fieldSince: {
		Name: "since", Type: "integer",
		Doc:  "the position of the last pushed frame, synced or heartbeat that came; 0 for everything",
		hint: "0 for everything",
	},
	fieldLogID: {
		Name: "log_id", Type: "uuid",
		Doc: "which log since is of, as authenticated said",
	},
	fieldToken: {
		Name: "token", Type: "string", Min: 1,
		Doc: "an access token, a JWT, of the same user",
	},
}
