package push

import (
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// ConversationChange says who takes part in a conversation from now on.
type ConversationChange struct {
	ConversationID domain.ID       `json:"conversation_id"`
	Change         string          `json:"change" enum:"started,participant_added,participant_left"`
	UserID         domain.ID       `json:"user_id" doc:"who started it, was added, or left"`
	ParticipantIDs []domain.ID     `json:"participant_ids" doc:"who takes part now"`
	Title          string          `json:"title" nullable:"true" doc:"null in direct conversations, and where there is none"`
	Seq            domain.Seq      `json:"seq" minimum:"1" doc:"the change's place in the conversation"`
	Position       domain.Position `json:"position" minimum:"1"`
	Timestamp      time.Time       `json:"timestamp"`
}

// appendChange writes a conversation frame.
func appendChange(dst []byte, e domain.Event, c change) []byte {
	f := ConversationChange{
		ConversationID: c.conversation, Change: c.kind, UserID: c.user, ParticipantIDs: c.participants, Title: c.title,
		Seq: domain.Seq(e.Version), Position: e.Position, Timestamp: e.RecordedAt,
	}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *ConversationChange) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"conversation"`...)
	dst = appendID(dst, "conversation_id", f.ConversationID)
	dst = appendText(dst, "change", f.Change)
	dst = appendID(dst, "user_id", f.UserID)
	dst = append(dst, `,"participant_ids":[`...)
	for i, id := range f.ParticipantIDs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = id.Append(dst)
		dst = append(dst, '"')
	}
	dst = append(dst, `],"title":`...)
	dst = wire.AppendStringOrNull(dst, f.Title)
	dst = appendPlace(dst, f.Seq, f.Position)
	return appendEnd(dst, f.Timestamp)
}
