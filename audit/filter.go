package audit

import (
	"bytes"
	"slices"
	"time"

	"chainmail/domain"
)

// Filter chooses which events are shown. All that it names must hold; a zero field names nothing.
type Filter struct {
	From, To     domain.Position
	Until        time.Time // the last moment
	Conversation domain.ID
	Message      domain.ID
	User         domain.ID
}

// Match reports whether an event is chosen. It looks at the stored bytes, so that an event that cannot be
// decoded is found as well. What the guard blocked belongs to the conversation that it was for; of its erasure
// the log names the sender alone. A release belongs to the message that it lets pass, and to the one that it sends.
func (f *Filter) Match(e *domain.Event) bool {
	switch {
	case e.Position < f.From || !f.Reached(e):
		return false
	case !f.Conversation.IsZero() && e.Stream != domain.ConversationStream(f.Conversation) &&
		e.Stream != domain.ReceiptStream(f.Conversation) && !names(e.Payload, `"conversation_id":`, f.Conversation):
		return false
	case !f.Message.IsZero() && !names(e.Payload, `"message_id":`, f.Message) && !names(e.Payload, `"released_id":`, f.Message):
		return false
	}
	return f.User.IsZero() || concerns(e.Payload, f.User) || names(e.Metadata, `"actor_id":`, f.User)
}

// Reached reports whether an event is not behind the point that To and Until name.
func (f *Filter) Reached(e *domain.Event) bool {
	return (f.To == 0 || e.Position <= f.To) && (f.Until.IsZero() || !e.RecordedAt.After(f.Until))
}

// names reports whether JSON as the log has it, with no white space, holds the id as a whole string, behind
// the field's name if one is given.
func names(json []byte, field string, id domain.ID) bool {
	var buf [64]byte
	quoted := append(buf[:0], field...)
	quoted = append(quoted, '"')
	quoted = append(id.Append(quoted), '"')
	return bytes.Contains(json, quoted)
}

// chosen are the fields of payloads that a client may fill at will.
var chosen = [...][]byte{[]byte(`"client_message_id":`), []byte(`"idempotency_key":`), []byte(`"notification_type":`)}

// concerns reports whether a payload names the user anywhere but in what a client chose.
func concerns(payload []byte, user domain.ID) bool {
	var buf [64]byte
	quoted := append(user.Append(append(buf[:0], '"')), '"')
	for {
		at := bytes.Index(payload, quoted)
		if at < 0 {
			return false
		}
		before := payload[:at]
		if !slices.ContainsFunc(chosen[:], func(field []byte) bool { return bytes.HasSuffix(before, field) }) {
			return true
		}
		payload = payload[at+len(quoted):]
	}
}
