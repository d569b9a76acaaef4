package presence_test

import (
	"encoding/binary"

	"chainmail/domain"
)

// world folds decisions into a state, as a log would.
type world struct {
	state    *domain.State
	ids      uint32
	versions map[domain.StreamID]domain.Version
}

func newWorld() *world {
	return &world{state: domain.NewState(), versions: make(map[domain.StreamID]domain.Version)}
}

func (w *world) id() (id domain.ID) {
	w.ids++
	binary.BigEndian.PutUint32(id[:], w.ids)
	return id
}

func (w *world) apply(d domain.Decision, r *domain.Refusal) {
	if r != nil {
		panic(r)
	}
	for _, draft := range d.Drafts {
		w.versions[draft.Stream]++
		e := domain.Event{
			Position: w.state.Position + 1, Stream: draft.Stream, Version: w.versions[draft.Stream],
			Type: draft.Data.Type(),
		}
		if err := w.state.Apply(e.WithData(draft.Data)); err != nil {
			panic(err)
		}
	}
}

func (w *world) user() domain.ID {
	id := w.id()
	w.apply(w.state.Register(domain.RegisterUser{UserID: id, Name: "somebody", Role: domain.RoleMember}))
	return id
}

func (w *world) start(title string, starter domain.ID, others ...domain.ID) domain.ID {
	d, id, r := w.state.Start(domain.StartConversation{
		Actor: domain.Actor{ID: starter}, ID: w.id(), ParticipantIDs: others, Title: title,
	})
	w.apply(d, r)
	return id
}

func (w *world) leave(conversation, user domain.ID) {
	w.apply(w.state.Remove(domain.RemoveParticipant{
		Actor: domain.Actor{ID: user}, ConversationID: conversation, UserID: user,
	}))
}

func (w *world) block(user, other domain.ID) {
	w.apply(w.state.Block(domain.BlockUser{Actor: domain.Actor{ID: user}, UserID: other}))
}
