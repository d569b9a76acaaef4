package push

import (
	"encoding/hex"
	"strconv"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// The encoders write the frames of the contract, field by field, with the field names and order fixed here for good.

// appendMessage writes a chat_message. The sender's own connections get it with client_message_id.
func appendMessage(dst []byte, e domain.Event, m *domain.MessageSent, own bool) []byte {
	dst = append(dst, `{"type":"chat_message","message_id":"`...)
	dst = m.MessageID.Append(dst)
	if own {
		dst = append(dst, `","client_message_id":`...)
		if m.ClientMessageID == nil {
			dst = append(dst, `null`...)
		} else {
			dst = wire.AppendString(dst, *m.ClientMessageID)
		}
		dst = append(dst, `,"conversation_id":"`...)
	} else {
		dst = append(dst, `","conversation_id":"`...)
	}
	dst = m.ConversationID.Append(dst)
	dst = appendPlace(dst, e)
	dst = append(dst, `,"sender_id":"`...)
	dst = m.SenderID.Append(dst)
	if m.ReceiverID != nil {
		dst = append(dst, `","receiver_id":"`...)
		dst = m.ReceiverID.Append(dst)
	}
	if m.Erased {
		dst = append(dst, `","content":null,"content_hash":"`...)
		dst = append(dst, m.ContentHash...)
		dst = append(dst, `","salt":null`...)
	} else {
		dst = append(dst, `","content":`...)
		dst = wire.AppendString(dst, m.Content)
		dst = append(dst, `,"content_hash":"`...)
		dst = append(dst, m.ContentHash...)
		dst = append(dst, `","salt":"`...)
		dst = hex.AppendEncode(dst, m.Salt[:])
		dst = append(dst, '"')
	}
	return appendEnd(dst, e)
}

// appendReceipt writes a message_status about one recipient.
func appendReceipt(dst []byte, e domain.Event, r receipt) []byte {
	dst = append(dst, `{"type":"message_status","message_id":"`...)
	dst = r.message.Append(dst)
	dst = append(dst, `","conversation_id":"`...)
	dst = r.conversation.Append(dst)
	dst = append(dst, `","user_id":"`...)
	dst = r.user.Append(dst)
	if r.read {
		dst = append(dst, `","status":"read"`...)
	} else {
		dst = append(dst, `","status":"delivered"`...)
	}
	dst = appendPosition(dst, e.Position)
	return appendEnd(dst, e)
}

// appendCounts writes a message_status about all recipients together.
func appendCounts(dst []byte, s status, at domain.Position) []byte {
	dst = append(dst, `{"type":"message_status","message_id":"`...)
	dst = s.message.Append(dst)
	dst = append(dst, `","conversation_id":"`...)
	dst = s.conversation.Append(dst)
	dst = append(dst, `","delivered_count":`...)
	dst = strconv.AppendInt(dst, int64(s.delivered), 10)
	dst = append(dst, `,"read_count":`...)
	dst = strconv.AppendInt(dst, int64(s.read), 10)
	dst = appendPosition(dst, at)
	dst = append(dst, `,"timestamp":`...)
	dst = wire.AppendTime(dst, s.latest)
	return append(dst, '}')
}

// appendErased writes a message_erased.
func appendErased(dst []byte, e domain.Event, d *domain.ContentErased) []byte {
	dst = append(dst, `{"type":"message_erased","message_id":"`...)
	dst = d.MessageID.Append(dst)
	dst = append(dst, `","conversation_id":"`...)
	dst = d.ConversationID.Append(dst)
	dst = appendPlace(dst, e)
	return appendEnd(dst, e)
}

// appendChange writes a conversation frame.
func appendChange(dst []byte, e domain.Event, c change) []byte {
	dst = append(dst, `{"type":"conversation","conversation_id":"`...)
	dst = c.conversation.Append(dst)
	dst = append(dst, `","change":"`...)
	dst = append(dst, c.kind...)
	dst = append(dst, `","user_id":"`...)
	dst = c.user.Append(dst)
	dst = append(dst, `","participant_ids":[`...)
	for i, id := range c.participants {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = id.Append(dst)
		dst = append(dst, '"')
	}
	dst = append(dst, `],"title":`...)
	dst = wire.AppendStringOrNull(dst, c.title)
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendInt(dst, int64(e.Version), 10)
	dst = appendPosition(dst, e.Position)
	return appendEnd(dst, e)
}

// appendPlace closes a string and writes where the event stands in its conversation and in the log.
func appendPlace(dst []byte, e domain.Event) []byte {
	dst = append(dst, `","seq":`...)
	dst = strconv.AppendInt(dst, int64(e.Version), 10)
	return appendPosition(dst, e.Position)
}

func appendPosition(dst []byte, at domain.Position) []byte {
	dst = append(dst, `,"position":`...)
	return strconv.AppendInt(dst, int64(at), 10)
}

func appendEnd(dst []byte, e domain.Event) []byte {
	dst = append(dst, `,"timestamp":`...)
	dst = wire.AppendTime(dst, e.RecordedAt)
	return append(dst, '}')
}
