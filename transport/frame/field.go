package frame

// field is a field that some frame has.
type field uint8

const (
	fieldType field = iota
	fieldRef
	fieldContent
	fieldConversationID
	fieldReceiverID
	fieldClientMessageID
	fieldMessageID
	fieldMessageIDs
	fieldIsTyping
	fieldChannel
	fieldSince
	fieldLogID
	fieldToken
	fieldCount
)

var fieldNames = [fieldCount]string{
	"type", "ref", "content", "conversation_id", "receiver_id", "client_message_id", "message_id",
	"message_ids", "is_typing", "channel", "since", "log_id", "token",
}

func (f field) String() string { return fieldNames[f] }

// lookUp finds the field of that name. Names are matched with their case.
func lookUp(name []byte) (field, bool) {
	switch string(name) {
	case "type":
		return fieldType, true
	case "ref":
		return fieldRef, true
	case "content":
		return fieldContent, true
	case "conversation_id":
		return fieldConversationID, true
	case "receiver_id":
		return fieldReceiverID, true
	case "client_message_id":
		return fieldClientMessageID, true
	case "message_id":
		return fieldMessageID, true
	case "message_ids":
		return fieldMessageIDs, true
	case "is_typing":
		return fieldIsTyping, true
	case "channel":
		return fieldChannel, true
	case "since":
		return fieldSince, true
	case "log_id":
		return fieldLogID, true
	case "token":
		return fieldToken, true
	}
	return 0, false
}

// fieldSet is a set of fields.
type fieldSet uint16

func setOf(fields ...field) fieldSet {
	var s fieldSet
	for _, f := range fields {
		s |= 1 << f
	}
	return s
}

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }
