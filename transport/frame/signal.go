package frame

import (
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// The signals: frames of the moment, which answer nothing and are stored nowhere. The tags describe them (see [wire.Frame]).

// Presence says whether a user is online.
type Presence struct {
	UserID   domain.ID `json:"user_id"`
	Online   bool      `json:"online"`
	LastSeen time.Time `json:"last_seen" nullable:"true" doc:"when the user was last online; null while that is so, or where it is not known"`
}

// AppendJSON appends the frame.
func (p *Presence) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"presence"`...)
	dst = appendID(dst, "user_id", p.UserID)
	dst = appendBool(dst, "online", p.Online)
	dst = append(dst, `,"last_seen":`...)
	return append(wire.AppendTimeOrNull(dst, p.LastSeen), '}')
}

// TypingIndicator says that somebody types, or no longer does.
type TypingIndicator struct {
	ConversationID domain.ID `json:"conversation_id" nullable:"true" doc:"null before the direct conversation exists"`
	SenderID       domain.ID `json:"sender_id" doc:"who types"`
	IsTyping       bool      `json:"is_typing"`
}

// AppendJSON appends the frame.
func (t *TypingIndicator) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"typing_indicator"`...)
	if t.ConversationID.IsZero() {
		dst = append(dst, `,"conversation_id":null`...)
	} else {
		dst = appendID(dst, "conversation_id", t.ConversationID)
	}
	dst = appendID(dst, "sender_id", t.SenderID)
	return append(appendBool(dst, "is_typing", t.IsTyping), '}')
}

// Heartbeat says that everything up to Position was sent.
type Heartbeat struct {
	Timestamp time.Time       `json:"timestamp"`
	Position  domain.Position `json:"position" minimum:"0" doc:"everything up to it was sent: since, when connecting the next time"`
}

// AppendJSON appends the frame.
func (h *Heartbeat) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"heartbeat"`...)
	dst = appendTime(dst, "timestamp", h.Timestamp)
	return append(appendPosition(dst, h.Position), '}')
}

// TokenExpiring warns that the connection ends unless the client authenticates again.
type TokenExpiring struct {
	ExpiresAt time.Time `json:"expires_at"`
}

// AppendJSON appends the frame.
func (t *TokenExpiring) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"token_expiring"`...)
	return append(appendTime(dst, "expires_at", t.ExpiresAt), '}')
}
