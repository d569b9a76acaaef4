package frame

import (
	"strconv"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// The answers: frames that go to the connection that asked. Ref is the request's ref as JSON, left
// out of the frame where empty. Every AppendJSON appends one whole frame, which the tags describe (see [wire.Frame]).

// Authenticated is the first frame of a connection, and the answer to authenticate.
type Authenticated struct {
	UserID    domain.ID       `json:"user_id"`
	LogID     domain.ID       `json:"log_id" doc:"which log this is: goes with since"`
	Position  domain.Position `json:"position" minimum:"1" doc:"the log's head"`
	ExpiresAt time.Time       `json:"expires_at" doc:"when the token does"`
	Heartbeat time.Duration   `json:"heartbeat_seconds" type:"integer" minimum:"1" doc:"between two heartbeats"` // whole seconds
	Timestamp time.Time       `json:"timestamp"`
	Ref       string          `json:"ref,omitempty" type:"any" doc:"that of the authenticate; the first frame of a connection has none"`
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
	Position domain.Position `json:"position" minimum:"0" doc:"everything up to it was sent: since, when connecting the next time"`
	Ref      string          `json:"ref,omitempty" type:"any" doc:"that of the sync; at the start there is none"`
}

// AppendJSON appends the frame.
func (s *Synced) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"synced"`...)
	return end(appendPosition(dst, s.Position), s.Ref)
}

// MessageSent says that a message is in the log for good.
type MessageSent struct {
	MessageID       domain.ID       `json:"message_id"`
	ClientMessageID string          `json:"client_message_id" nullable:"true" doc:"null where the request had none"`
	ConversationID  domain.ID       `json:"conversation_id" doc:"also of the direct conversation that this message has opened"`
	Seq             domain.Seq      `json:"seq" minimum:"2" doc:"its place in the conversation"`
	Position        domain.Position `json:"position" minimum:"1" doc:"its place in the log; not for since, since answers may run ahead of pushes"`
	ContentHash     string          `json:"content_hash" pattern:"^[0-9a-f]{64}$" doc:"lower-case hex SHA-256 over the salt's 16 bytes and the content's UTF-8"`
	Salt            domain.Salt     `json:"salt" nullable:"true" pattern:"^[0-9a-f]{32}$" doc:"32 hex digits; null in a repeat whose message was erased"`
	RiskScore       float64         `json:"risk_score" minimum:"0" maximum:"1" doc:"what the guard thinks, with two decimals"`
	Timestamp       time.Time       `json:"timestamp" doc:"when it was stored"`
	Duplicate       bool            `json:"duplicate" doc:"whether this is the result of an earlier request with the same client_message_id"`
	Ref             string          `json:"ref,omitempty" type:"any" doc:"that of the request"`
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
	_               struct{}        `const:"code=message_blocked"`
	Message         string          `json:"message" doc:"for a person"`
	MessageID       domain.ID       `json:"message_id"`
	ClientMessageID string          `json:"client_message_id" nullable:"true" doc:"null where the request had none"`
	RiskScore       float64         `json:"risk_score" minimum:"0" maximum:"1" doc:"what the guard thinks, with two decimals"`
	Reasons         []string        `json:"reasons" doc:"names of the policy's rules and of other judges, the weightiest first"`
	Position        domain.Position `json:"position" minimum:"1" doc:"its place in the log"`
	Ref             string          `json:"ref,omitempty" type:"any" doc:"that of the request"`
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
	Channel string `json:"channel" doc:"as the request had it"`
	Off     bool   `json:"-"` // the frame is unsubscribed
	Ref     string `json:"ref,omitempty" type:"any" doc:"that of the request"`
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
	Timestamp time.Time `json:"timestamp"`
	Ref       string    `json:"ref,omitempty" type:"any" doc:"that of the request"`
}

// AppendJSON appends the frame.
func (p *Pong) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"pong"`...)
	return end(appendTime(dst, "timestamp", p.Timestamp), p.Ref)
}
