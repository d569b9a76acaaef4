package frame

// shape is what one type of frame looks like.
type shape struct {
	frame  Type
	fields fieldSet // besides type and ref
	slips  map[string]slip
}

func (s *shape) knows(f field) bool { return f == fieldType || f == fieldRef || s.fields.has(f) }

// shapes has every type that a client may send.
var shapes = map[string]*shape{
	"chat_message": {
		frame:  ChatMessage,
		fields: setOf(fieldContent, fieldConversationID, fieldReceiverID, fieldClientMessageID),
		slips:  chatSlips,
	},
	"delivered":        {frame: Delivered, fields: setOf(fieldMessageID), slips: receiptSlips},
	"message_received": {frame: Delivered, fields: setOf(fieldMessageID), slips: receiptSlips},
	"read":             {frame: Read, fields: setOf(fieldMessageIDs), slips: readSlips},
	"read_receipt":     {frame: Read, fields: setOf(fieldMessageID), slips: receiptSlips},
	"typing": {
		frame:  Typing,
		fields: setOf(fieldConversationID, fieldReceiverID, fieldIsTyping),
		slips:  typingSlips,
	},
	"ping":         {frame: Ping},
	"heartbeat":    {frame: Ping},
	"subscribe":    {frame: Subscribe, fields: setOf(fieldChannel), slips: channelSlips},
	"unsubscribe":  {frame: Unsubscribe, fields: setOf(fieldChannel), slips: channelSlips},
	"sync":         {frame: Sync, fields: setOf(fieldSince, fieldLogID), slips: syncSlips},
	"authenticate": {frame: Authenticate, fields: setOf(fieldToken), slips: tokenSlips},
}

// read reads the fields of a frame of this shape. It is a switch, not a func in the shape, so that
// the request stays on the stack.
func (s *shape) read(r *request, f *Frame) *Error {
	switch s.frame {
	case ChatMessage:
		return readChatMessage(r, f)
	case Delivered:
		return readReceipt(r, f)
	case Read:
		if s.fields.has(fieldMessageID) {
			return readReceipt(r, f)
		}
		return readRead(r, f)
	case Typing:
		return readTyping(r, f)
	case Subscribe, Unsubscribe:
		return readChannel(r, f)
	case Sync:
		return readSync(r, f)
	case Authenticate:
		return readToken(r, f)
	}
	return nil
}
