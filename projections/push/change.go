package push

import (
	"slices"

	"chainmail/domain"
	"chainmail/projections/view"
)

// change is what a conversation frame tells.
type change struct {
	conversation, user domain.ID
	kind, title        string
	participants       []domain.ID
}

// changeIn returns the change that an event's data is, if it is one, without its participants.
func changeIn(v *view.View, data domain.Data) (change, bool) {
	switch d := data.(type) {
	case *domain.ConversationStarted:
		return change{conversation: d.ConversationID, user: d.StarterID, kind: "started", title: d.Title}, true
	case *domain.ParticipantAdded:
		return change{conversation: d.ConversationID, user: d.UserID, kind: "participant_added", title: v.Title(d.ConversationID)}, true
	case *domain.ParticipantLeft:
		return change{conversation: d.ConversationID, user: d.UserID, kind: "participant_left", title: v.Title(d.ConversationID)}, true
	}
	return change{}, false
}

// appendParticipants adds those who take part after the change. Who leaves is told of it, but is no longer listed.
func (c change) appendParticipants(dst []domain.ID, v *view.View, at domain.Position) []domain.ID {
	v.Read(func(s *domain.State) {
		if conv := s.Conversation(c.conversation); conv != nil {
			dst = conv.AppendPresent(dst, at)
		}
	})
	if c.kind == "participant_left" {
		dst = slices.DeleteFunc(dst, func(id domain.ID) bool { return id == c.user })
	}
	return dst
}
