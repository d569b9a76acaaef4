package frame

// shape is what one type of frame looks like.
type shape struct {
	frame    Type
	fields   fieldSet // besides type and ref
	required fieldSet // among the fields
	slips    map[string]slip
}

func (s *shape) knows(f field) bool { return f == fieldType || f == fieldRef || s.fields.has(f) }

// target are the fields of which a frame that knows them has one, not both.
var target = setOf(fieldConversationID, fieldReceiverID)

// shapes has every type that a client may send.
var shapes = map[string]*shape{
	"chat_message": {
		frame:    ChatMessage,
		fields:   setOf(fieldContent, fieldClientMessageID) | target,
		required: setOf(fieldContent),
		slips:    chatSlips,
	},
	"delivered":        shapeOf(Delivered, fieldMessageID, receiptSlips),
	"message_received": shapeOf(Delivered, fieldMessageID, receiptSlips),
	"read":             shapeOf(Read, fieldMessageIDs, readSlips),
	"read_receipt":     shapeOf(Read, fieldMessageID, receiptSlips),
	"typing":           {frame: Typing, fields: setOf(fieldIsTyping) | target, slips: typingSlips},
	"ping":             {frame: Ping},
	"heartbeat":        {frame: Ping},
	"subscribe":        shapeOf(Subscribe, fieldChannel, channelSlips),
	"unsubscribe":      shapeOf(Unsubscribe, fieldChannel, channelSlips),
	"sync":             {frame: Sync, fields: setOf(fieldSince, fieldLogID), required: setOf(fieldSince), slips: syncSlips},
	"authenticate":     shapeOf(Authenticate, fieldToken, tokenSlips),
}

// shapeOf is the shape of a frame with one field.
func shapeOf(t Type, only field, slips map[string]slip) *shape {
	return &shape{frame: t, fields: setOf(only), required: setOf(only), slips: slips}
}

// read reads the fields of a frame of this shape. It is a switch, not a func in the shape, so that
// the request stays on the stack.
func (s *shape) read(r *request, f *Frame) *Error {
	for required := range s.required.each {
		if !r.has(required) {
			return missingField(required, fields[required].hint)
		}
	}
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
