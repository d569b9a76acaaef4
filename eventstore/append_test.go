package eventstore_test

import (
	"testing"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

func message(conversation, sender domain.ID, text string) domain.Decision {
	return domain.Decision{
		Actor: domain.Actor{ID: sender, Auth: domain.AuthToken},
		Drafts: []domain.Draft{{
			Stream: domain.ConversationStream(conversation),
			Data: &domain.MessageSent{
				MessageID: newID(), ConversationID: conversation, SenderID: sender,
				Content: text, ContentHash: domain.ContentHash(domain.Salt{}, text),
			},
		}},
	}
}

func TestAppend(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	c, u := newID(), newID()
	results, err := l.Append(t.Context(), message(c, u, "one"), message(c, u, "two"))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		e := r.Events[0]
		if e.Position != domain.Position(i+1) || e.Version != domain.Version(i+1) {
			t.Errorf("event %d is at %d, version %d", i, e.Position, e.Version)
		}
	}
	stored, err := l.Read(t.Context(), 0, 10)
	if err != nil || len(stored) != 2 {
		t.Fatalf("Read: %d events, %v", len(stored), err)
	}
	for i, got := range stored {
		want := results[i].Events[0]
		if string(got.Payload) != string(want.Payload) || string(got.Metadata) != string(want.Metadata) ||
			string(got.Body) != string(want.Body) || !got.RecordedAt.Equal(want.RecordedAt) || got.ID != want.ID {
			t.Errorf("stored %+v, want %+v", got, want)
		}
		if got.LeafHash != merkle.LeafHash(eventstore.Leaf(got)) {
			t.Errorf("event %d: leaf hash differs", got.Position)
		}
	}
}
