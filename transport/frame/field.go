package frame

import "math/bits"

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

func (f field) String() string { return fields[f].Name }

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

// each yields the set's fields in their order.
func (s fieldSet) each(yield func(field) bool) {
	for ; s != 0; s &= s - 1 {
		if !yield(field(bits.TrailingZeros16(uint16(s)))) {
			return
		}
	}
}
