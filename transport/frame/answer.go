package frame

import (
	"strconv"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// The answers: frames that go to the connection that asked. Ref is the request's ref as JSON, left
// out of the frame where empty. Every AppendJSON appends one whole frame.

// Authenticated is the first frame of a connection, and the answer to authenticate.
type Authenticated struct {
	Ref       string
	UserID    domain.ID
	LogID     domain.ID
	Position  domain.Position // the log's head
	ExpiresAt time.Time       // of the token
	Heartbeat time.Duration   // between two heartbeats; whole seconds
	Timestamp time.Time
}

// AppendJSON appends the frame.
func (a *Authenticated) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"authenticated"`...)
	dst = appendID(dst, "user_id", a.UserID)
	dst = appendID(dst, "log_id", a.LogID)
	dst = appendPosition(dst, a.Position)
	dst = appendTime(dst, "expires_at", a.ExpiresAt)
	dst = append(dst, `,"heartbeat_seconds":`...)
	dst = strconv.AppendInt(dst, int64(a.Heartbeat/time.Second), 10)
	return end(appendTime(dst, "timestamp", a.Timestamp), a.Ref)
}

// Synced says that everything up to Position was sent: at the start, or in answer to sync.
type Synced struct {
	Ref      string
	Position domain.Position
}

// AppendJSON appends the frame.
func (s *Synced) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"synced"`...)
	return end(appendPosition(dst, s.Position), s.Ref)
}

// MessageSent says that a message is in the log for good.
type MessageSent struct {
	Ref             string
	MessageID       domain.ID
	ClientMessageID string // null where empty
	ConversationID  domain.ID
	Seq             domain.Seq
	Position        domain.Position
	ContentHash     string
	Salt            domain.Salt // null where zero: the message of a repeat was erased
	RiskScore       float64
	Timestamp       time.Time
	Duplicate       bool // this is the first one's result again
}

// AppendJSON appends the frame.
func (m *MessageSent) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"message_sent"`...)
	dst = appendID(dst, "message_id", m.MessageID)
	dst = append(dst, `,"client_message_id":`...)
	dst = wire.AppendStringOrNull(dst, m.ClientMessageID)
	dst = appendID(dst, "conversation_id", m.ConversationID)
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendInt(dst, int64(m.Seq), 10)
	dst = appendPosition(dst, m.Position)
	dst = append(dst, `,"content_hash":`...)
	dst = wire.AppendString(dst, m.ContentHash)
	dst = append(dst, `,"salt":`...)
	dst = appendSalt(dst, m.Salt)
	dst = append(dst, `,"risk_score":`...)
	dst = wire.AppendScore(dst, m.RiskScore)
	dst = appendTime(dst, "timestamp", m.Timestamp)
	return end(appendBool(dst, "duplicate", m.Duplicate), m.Ref)
}

// Warning says that a message was blocked and not sent.
type Warning struct {
	Ref             string
	Message         string // for a person
	MessageID       domain.ID
	ClientMessageID string // null where empty
	RiskScore       float64
	Reasons         []string // names of rules
	Position        domain.Position
}

// AppendJSON appends the frame.
func (w *Warning) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"warning","code":"message_blocked","message":`...)
	dst = wire.AppendString(dst, w.Message)
	dst = appendID(dst, "message_id", w.MessageID)
	dst = append(dst, `,"client_message_id":`...)
	dst = wire.AppendStringOrNull(dst, w.ClientMessageID)
	dst = append(dst, `,"risk_score":`...)
	dst = wire.AppendScore(dst, w.RiskScore)
	dst = append(dst, `,"reasons":[`...)
	for i, reason := range w.Reasons {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = wire.AppendString(dst, reason)
	}
	dst = append(dst, ']')
	return end(appendPosition(dst, w.Position), w.Ref)
}

// Subscribed answers subscribe and, with Off, unsubscribe.
type Subscribed struct {
	Ref     string
	Channel string // as the client wrote it
	Off     bool   // the frame is unsubscribed
}

// AppendJSON appends the frame.
func (s *Subscribed) AppendJSON(dst []byte) []byte {
	if s.Off {
		dst = append(dst, `{"type":"unsubscribed","channel":`...)
	} else {
		dst = append(dst, `{"type":"subscribed","channel":`...)
	}
	return end(wire.AppendString(dst, s.Channel), s.Ref)
}

// Pong answers ping and heartbeat.
type Pong struct {
	Ref       string
	Timestamp time.Time
}

// AppendJSON appends the frame.
func (p *Pong) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"pong"`...)
	return end(appendTime(dst, "timestamp", p.Timestamp), p.Ref)
}
