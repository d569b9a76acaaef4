package state_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
)

// A message's row and receipts through its life, each step in a batch of its own.
func TestLifeOfAMessage(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob, cid := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember), h.register("Cid", domain.RoleAdmin)
	group := h.start("us", ann, bob, cid)
	mustApply(t, db, h.events)
	const message = `
		SELECT concat_ws(' ', content, seq, recipients, is_delivered, is_read, erased_at IS NULL, salt IS NULL)
		FROM messages`
	const receipts = `
		SELECT string_agg(concat_ws(' ', u.name, r.read_at IS NOT NULL, r.read_at > r.delivered_at), ', ' ORDER BY u.name)
		FROM message_receipts AS r
		JOIN users AS u ON u.id = r.user_id`
	var m domain.MessageRef
	steps := []struct {
		name          string
		do            func()
		message, seen string
	}{
		{"sent", func() { m = h.send(ann, group, "hello", "mine") }, "hello 2 2 f f t f", ""},
		{"delivered to one", func() { h.deliver(bob, m) }, "hello 2 2 f f t f", "Bob f"},
		{"read by the other", func() { h.read(cid, m) }, "hello 2 2 t f t f", "Bob f, Cid t f"},
		{"read by both", func() { h.read(bob, m) }, "hello 2 2 t t t f", "Bob t t, Cid t f"},
		{"erased", func() { h.erase(cid, m) }, "2 2 t t f t", "Bob t t, Cid t f"},
	}
	for _, step := range steps {
		before := len(h.events)
		step.do()
		mustApply(t, db, h.events[before:])
		if got := row(t, db, message); got != step.message {
			t.Errorf("%s: message %q, want %q", step.name, got, step.message)
		}
		if got := row(t, db, receipts); got != step.seen {
			t.Errorf("%s: receipts %q, want %q", step.name, got, step.seen)
		}
	}
	if got := row(t, db, `SELECT concat_ws(' ', recipients, delivered, read) FROM message_counts`); got != "2 2 2" {
		t.Errorf("counts %q, want 2 2 2", got)
	}
	if got := row(t, db, `SELECT client_message_id || length(content_hash) FROM messages`); got != "mine64" {
		t.Errorf("client_message_id and the hash's length: %q", got)
	}
}

// What a rebuild reads after an erasure lacks the body, and yet gives the same rows.
func TestErasedBeforeBuilt(t *testing.T) {
	t.Parallel()
	live, rebuilt := open(t), open(t)
	h := newHistory()
	ann, bob := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember)
	m := h.write(ann, bob, "secret")
	h.deliver(bob, m)
	h.erase(ann, m)
	mustApply(t, live, h.events)
	for i := range h.events {
		if h.events[i].Position == m.Position {
			h.events[i].Body = nil
		}
	}
	if err := applyInBatches(t.Context(), rebuilt, h.events, []int{4}); err != nil {
		t.Fatal(err)
	}
	want, err := dump(t.Context(), live)
	if err != nil {
		t.Fatal(err)
	}
	got, err := dump(t.Context(), rebuilt)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("rebuilt (%v):\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What somebody wrote himself does not hold back what he has acknowledged.
func TestAckedPassesOwnMessages(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember)
	conversation := h.start("", ann, bob)
	first := h.send(ann, conversation, "one", "")
	for range 5 {
		h.send(bob, conversation, "mine", "")
	}
	last := h.send(ann, conversation, "two", "")
	h.deliver(bob, last)
	mustApply(t, db, h.events)
	const acked = `SELECT acked_seq FROM conversation_participants WHERE user_id = $1`
	if got := row(t, db, acked, bob.String()); got != "1" {
		t.Errorf("with a hole: acked %s, want 1", got)
	}
	if got := undelivered(t, db, bob, 0, math.MaxInt64, 9); !slices.Equal(got, []domain.Position{first.Position}) {
		t.Errorf("undelivered %v, want %d", got, first.Position)
	}
	before := len(h.events)
	h.deliver(bob, first)
	mustApply(t, db, h.events[before:])
	if got := row(t, db, acked, bob.String()); got != "8" {
		t.Errorf("without: acked %s, want 8", got)
	}
}

func TestUndeliveredInPages(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob, cid := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember), h.register("Cid", domain.RoleMember)
	var want []domain.Position
	for range 7 {
		for _, sender := range []domain.ID{ann, cid} {
			want = append(want, h.write(sender, bob, "hello").Position)
		}
	}
	mustApply(t, db, h.events)
	var got []domain.Position
	for after := domain.Position(0); ; after = got[len(got)-1] {
		page := undelivered(t, db, bob, after, want[11], 3)
		if got = append(got, page...); len(page) < 3 {
			break
		}
	}
	if !slices.Equal(got, want[:12]) {
		t.Errorf("got %v, want %v", got, want[:12])
	}
}
