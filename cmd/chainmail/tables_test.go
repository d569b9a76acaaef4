package main

import (
	"context"
	"errors"
	"maps"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
)

// A blocked message is found as one, whether or not there was a conversation for it.
func TestFinderTellsBlockedMessages(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	id := func(n byte) domain.ID { return domain.ID{6: 0x70, 8: 0x80, 15: n} }
	sender, conversation := id(1), id(2)
	want := map[domain.ID]domain.MessageRef{
		id(3): {ID: id(3), ConversationID: conversation, SenderID: sender, Position: 7},
		id(4): {ID: id(4), ConversationID: conversation, SenderID: sender, Position: 8, Blocked: true},
		id(5): {ID: id(5), SenderID: sender, Position: 9, Blocked: true},
	}
	const insert = `
		INSERT INTO messages (id, conversation_id, sender_id, seq, position, created_at, risk_score, recipients, was_blocked, content_hash)
		VALUES ($1, nullif($2::uuid, '00000000-0000-0000-0000-000000000000'), $3,
			CASE WHEN $5::boolean THEN NULL ELSE 2 END, $4, now(), 0, 0, $5, '')`
	for _, ref := range want {
		_, err := db.ExecContext(t.Context(), insert,
			ref.ID.String(), ref.ConversationID.String(), ref.SenderID.String(), int64(ref.Position), ref.Blocked)
		if err != nil {
			t.Fatal(err)
		}
	}
	finder := &messageFinder{db: db}
	got, err := finder.Find(t.Context(), []domain.ID{id(3), id(4), id(5), id(6)}, 0)
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}

	// Tables that stay behind do not know what is not there.
	finder.wait = func(context.Context, string, domain.Position) error { return projections.ErrStuck }
	if got, err = finder.Find(t.Context(), []domain.ID{id(3), id(6)}, 10); !errors.Is(err, eventstore.ErrUnavailable) || len(got) != 1 {
		t.Errorf("behind: got %v, %v, want one message and that the tables are unavailable", got, err)
	}
	if got, err = finder.Find(t.Context(), []domain.ID{id(3), id(4)}, 10); err != nil || len(got) != 2 {
		t.Errorf("behind, with all there: got %v, %v", got, err)
	}
}
