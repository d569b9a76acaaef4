package migrations_test

import (
	"database/sql"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations"
	"chainmail/migrations/pgtest"
	"chainmail/projections/state"
)

// Tables that an earlier release filled go on with 0004_guard.sql: its rows stay, and blocked messages come to them. Taken
// back, it leaves what the earlier release knows.
func TestGuardOnOldTables(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.Empty(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	provider, err := migrations.Embedded(db)
	if err != nil {
		t.Fatal(err)
	}
	id := func(n byte) domain.ID { return domain.ID{6: 0x70, 8: 0x80, 15: n} }
	sender, receiver, conversation, stranger := id(1), id(2), id(3), id(4)
	log := &events{}
	old := log.of(t,
		&domain.ConversationStarted{ConversationID: conversation, StarterID: sender, Direct: true, ParticipantIDs: []domain.ID{sender, receiver}},
		&domain.MessageSent{MessageID: id(5), ConversationID: conversation, SenderID: sender, ReceiverID: &receiver, Content: "old"},
	)
	guarded := log.of(t,
		&domain.MessageBlocked{MessageID: id(6), ConversationID: &conversation, SenderID: sender, ReceiverID: &receiver, PolicyHash: "p", Content: "blocked"},
		&domain.MessageBlocked{MessageID: id(7), SenderID: sender, ReceiverID: &stranger, PolicyHash: "p", Content: "to a stranger"},
		&domain.MessageRead{MessageID: id(5), ConversationID: conversation, SenderID: sender, UserID: receiver},
	)
	const rows = `
		SELECT string_agg(concat_ws(' ', content, seq, is_read, was_blocked, conversation_id IS NULL), ', ' ORDER BY position)
		FROM messages`
	want := func(what, want string) {
		t.Helper()
		var got string
		if err := db.QueryRowContext(t.Context(), rows).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", what, got, err, want)
		}
	}
	if _, err := provider.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	apply(t, db, old)
	if err := migrations.Up(t.Context(), db, silent); err != nil {
		t.Fatal(err)
	}
	want("before new events", "old 2 f f f")
	apply(t, db, guarded)
	want("after them", "old 2 t f f, blocked f t f, to a stranger f t t")
	if _, err := provider.DownTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	want("taken back", "old 2 t f f")
	if err := migrations.Up(t.Context(), db, silent); err != nil {
		t.Error(err)
	}
}

// events numbers what happened in a log of one conversation.
type events struct{ last domain.Position }

func (l *events) of(t *testing.T, list ...domain.Data) (made []domain.Event) {
	t.Helper()
	for _, data := range list {
		encoded, err := domain.Encode(data, domain.Actor{Auth: domain.AuthSystem})
		if err != nil {
			t.Fatal(err)
		}
		l.last++
		made = append(made, domain.Event{
			Position: l.last, Version: domain.Version(l.last), Type: encoded.Type, RecordedAt: time.Unix(int64(l.last), 0),
			Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
		})
	}
	return made
}

func apply(t *testing.T, db *sql.DB, events []domain.Event) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := state.Apply(t.Context(), tx, events); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
