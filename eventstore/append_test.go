package eventstore_test

import (
	"testing"
	"time"

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

// TestRecordedAtNeverGoesBack: where the database's clock has gone back, or has not moved, an event is recorded a microsecond after
// the one before it.
func TestRecordedAtNeverGoesBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var ahead time.Time
	err := db.SQL.QueryRowContext(t.Context(), `
		INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		VALUES (1, gen_random_uuid(), 'log', 1, 'LogCreated', '{}', '{}', now() + interval '1 hour', sha256(''))
		RETURNING recorded_at`).Scan(&ahead)
	if err != nil {
		t.Fatal(err)
	}
	l := eventstoretest.Open(t, db.DSN)
	for n := range 2 {
		if _, err := l.Append(t.Context(), message(newID(), newID(), "one"), message(newID(), newID(), "two")); err != nil {
			t.Fatalf("append %d: %v", n, err)
		}
	}
	events, err := l.Read(t.Context(), 1, 10)
	if err != nil || len(events) != 4 {
		t.Fatalf("Read: %d events, %v", len(events), err)
	}
	for i, e := range events {
		if want := ahead.Add(time.Duration(i+1) * time.Microsecond); !e.RecordedAt.Equal(want) {
			t.Errorf("the event at %d is recorded at %v, want %v", e.Position, e.RecordedAt, want)
		}
	}
}
