package push

import (
	"strconv"
	"time"

	"chainmail/domain"
)

// MessageStatus says that one recipient has received or read a message.
type MessageStatus struct {
	MessageID      domain.ID       `json:"message_id"`
	ConversationID domain.ID       `json:"conversation_id"`
	UserID         domain.ID       `json:"user_id" doc:"who received or read it"`
	Status         string          `json:"status" enum:"delivered,read"`
	Position       domain.Position `json:"position" minimum:"1"`
	Timestamp      time.Time       `json:"timestamp"`
}

// appendReceipt writes a message_status about one recipient.
func appendReceipt(dst []byte, e domain.Event, r receipt) []byte {
	f := MessageStatus{
		MessageID: r.message, ConversationID: r.conversation, UserID: r.user, Status: "delivered",
		Position: e.Position, Timestamp: e.RecordedAt,
	}
	if r.read {
		f.Status = "read"
	}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *MessageStatus) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"message_status"`...)
	dst = appendID(dst, "message_id", f.MessageID)
	dst = appendID(dst, "conversation_id", f.ConversationID)
	dst = appendID(dst, "user_id", f.UserID)
	dst = appendText(dst, "status", f.Status)
	dst = appendPosition(dst, f.Position)
	return appendEnd(dst, f.Timestamp)
}

// MessageCounts says how many recipients have received and read a message.
type MessageCounts struct {
	MessageID      domain.ID       `json:"message_id"`
	ConversationID domain.ID       `json:"conversation_id"`
	DeliveredCount int             `json:"delivered_count" minimum:"1" doc:"who has read it counts too"`
	ReadCount      int             `json:"read_count" minimum:"0"`
	Position       domain.Position `json:"position" minimum:"1"`
	Timestamp      time.Time       `json:"timestamp" doc:"of the latest receipt"`
}

// appendCounts writes a message_status about all recipients together.
func appendCounts(dst []byte, s status, at domain.Position) []byte {
	f := MessageCounts{
		MessageID: s.message, ConversationID: s.conversation, DeliveredCount: s.delivered, ReadCount: s.read,
		Position: at, Timestamp: s.latest,
	}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *MessageCounts) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"message_status"`...)
	dst = appendID(dst, "message_id", f.MessageID)
	dst = appendID(dst, "conversation_id", f.ConversationID)
	dst = append(dst, `,"delivered_count":`...)
	dst = strconv.AppendInt(dst, int64(f.DeliveredCount), 10)
	dst = append(dst, `,"read_count":`...)
	dst = strconv.AppendInt(dst, int64(f.ReadCount), 10)
	dst = appendPosition(dst, f.Position)
	return appendEnd(dst, f.Timestamp)
}
