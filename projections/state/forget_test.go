package state_test

import (
	"context"
	"database/sql"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// kept is a real log with a blocked and a sent message, both projected.
type kept struct {
	log       *eventstore.Log
	sent      domain.MessageRef
	projected domain.Position
}

func newKept(t *testing.T) *kept {
	t.Helper()
	k := &kept{log: eventstoretest.Open(t, pgtest.New(t).DSN)}
	h := newHistory()
	ann, bob := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember)
	direct := h.start("", ann, bob)
	k.sent = h.send(ann, direct, "hello", "mine")
	for _, e := range h.events {
		data, err := domain.Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == domain.TypeLogCreated {
			continue // this log has one of its own
		}
		k.append(t, as(ann), domain.Draft{Stream: e.Stream, Data: data})
	}
	k.sent.Position = k.log.Head()
	k.project(t)
	return k
}

func (k *kept) append(t *testing.T, actor domain.Actor, drafts ...domain.Draft) {
	t.Helper()
	results, err := k.log.Append(t.Context(), domain.Decision{Actor: actor, Drafts: drafts})
	if err != nil || len(results[0].Events) != len(drafts) {
		t.Fatalf("append: %v, %v", results, err)
	}
}

func (k *kept) project(t *testing.T) {
	t.Helper()
	events, err := k.log.Read(t.Context(), k.projected, 100)
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, k.log.DB(), events)
	k.projected = k.log.Head()
}

func (k *kept) erase(t *testing.T) {
	t.Helper()
	k.append(t, as(k.sent.SenderID), domain.Draft{
		Stream: domain.ConversationStream(k.sent.ConversationID), Erases: k.sent.Position,
		Data: &domain.ContentErased{
			MessageID: k.sent.ID, ConversationID: &k.sent.ConversationID, ErasedPosition: k.sent.Position,
			ErasedBy: k.sent.SenderID, Reason: domain.ReasonSender,
		},
	})
}

const wordsSQL = `SELECT concat_ws(' ', content IS NULL, salt IS NULL, erased_at IS NULL) FROM messages`

// Words leave the table with the event, before the projection gets to it; the rest follows.
func TestErasedWordsAreGoneAtOnce(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	if got := row(t, k.log.DB(), wordsSQL); got != "f f t" {
		t.Fatalf("before: got %q", got)
	}
	k.erase(t)
	if got := row(t, k.log.DB(), wordsSQL); got != "t t t" {
		t.Errorf("while the projection stands still: got %q, want the words gone", got)
	}
	k.project(t)
	if got := row(t, k.log.DB(), wordsSQL); got != "t t f" {
		t.Errorf("projected: got %q", got)
	}
}

// An erasure does not wait, with the log's lock, for one who has the row or the table.
func TestErasureWaitsForNobody(t *testing.T) {
	t.Parallel()
	for _, hold := range []string{`UPDATE messages SET is_read = true`, `LOCK TABLE messages IN SHARE MODE`, `ALTER TABLE messages RENAME TO elsewhere`} {
		t.Run(hold, func(t *testing.T) {
			t.Parallel()
			k := newKept(t)
			tx, err := k.log.DB().BeginTx(context.Background(), &sql.TxOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback() }()
			if _, err := tx.ExecContext(t.Context(), hold); err != nil {
				t.Fatal(err)
			}
			k.erase(t) // would not return
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			k.project(t)
			if got := row(t, k.log.DB(), wordsSQL); got != "t t f" {
				t.Errorf("projected: got %q", got)
			}
		})
	}
}
