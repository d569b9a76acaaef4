package state_test

import (
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// However a log is cut into batches, the tables are the same.
func TestBatchesDoNotMatter(t *testing.T) {
	t.Parallel()
	db := open(t)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		h := randomHistory(t)
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(h.events)), 0, 10).Draw(t, "cuts")
		steps := make([]int, len(h.events))
		for i := range steps {
			steps[i] = i
		}
		build := func(cuts []int) []string {
			if err := truncate(ctx, db); err != nil {
				t.Fatal(err)
			}
			if err := applyInBatches(ctx, db, h.events, cuts); err != nil {
				t.Fatal(err)
			}
			rows, err := dump(ctx, db)
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		want := build(steps)
		compareRows(t, "in one batch", build(nil), want)
		compareRows(t, "in batches", build(cuts), want)
	})
}

func compareRows(t *rapid.T, how string, got, want []string) {
	for _, r := range got {
		if !slices.Contains(want, r) {
			t.Errorf("%s: has   %s", how, r)
		}
	}
	for _, r := range want {
		if !slices.Contains(got, r) {
			t.Errorf("%s: lacks %s", how, r)
		}
	}
}

// model answers the questions of the tables by looking at everything.
type model struct {
	h         *history
	delivered map[[2]domain.ID]bool // by message and user; a read counts
	read      map[[2]domain.ID]bool
	erased    map[domain.ID]bool
}

func newModel(h *history) *model {
	m := &model{h, make(map[[2]domain.ID]bool), make(map[[2]domain.ID]bool), make(map[domain.ID]bool)}
	for _, e := range h.events {
		data, err := domain.Decode(e)
		if err != nil {
			panic(err)
		}
		switch d := data.(type) {
		case *domain.MessageDelivered:
			m.delivered[[2]domain.ID{d.MessageID, d.UserID}] = true
		case *domain.MessageRead:
			m.delivered[[2]domain.ID{d.MessageID, d.UserID}] = true
			m.read[[2]domain.ID{d.MessageID, d.UserID}] = true
		case *domain.ContentErased:
			m.erased[d.MessageID] = true
		}
	}
	return m
}

// isTo reports whether the user is a recipient of the message.
func (m *model) isTo(message domain.MessageRef, user domain.ID) bool {
	return message.SenderID != user && m.h.state.Conversation(message.ConversationID).Saw(user, message.Position)
}

func (m *model) undelivered(user domain.ID) []domain.Position {
	var list []domain.Position
	for _, message := range m.h.messages {
		if m.isTo(message, user) && !m.delivered[[2]domain.ID{message.ID, user}] {
			list = append(list, message.Position)
		}
	}
	return list
}

func (m *model) unread(user domain.ID) map[domain.ID]int {
	counts := make(map[domain.ID]int)
	for _, id := range m.h.conversations {
		for _, span := range m.h.state.Conversation(id).Members() {
			if span.User != user || span.To != 0 {
				continue
			}
			counts[id] = 0
			for _, message := range m.h.messages {
				if message.ConversationID == id && message.Position > span.From && message.SenderID != user &&
					!m.erased[message.ID] && !m.read[[2]domain.ID{message.ID, user}] {
					counts[id]++
				}
			}
		}
	}
	return counts
}

// flags returns is_delivered and is_read.
func (m *model) flags(message domain.MessageRef) (delivered, read bool) {
	conversation := m.h.state.Conversation(message.ConversationID)
	recipients := conversation.SizeAt(message.Position) - 1
	delivered, read = recipients > 0, recipients > 0
	for _, user := range conversation.AppendPresent(nil, message.Position) {
		if user != message.SenderID {
			delivered = delivered && m.delivered[[2]domain.ID{message.ID, user}]
			read = read && m.read[[2]domain.ID{message.ID, user}]
		}
	}
	return delivered, read
}

func TestTablesAgreeWithTheLog(t *testing.T) {
	t.Parallel()
	db := open(t)
	ctx := t.Context()
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		h := randomHistory(t)
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(h.events)), 0, 30).Draw(t, "cuts")
		if err := truncate(ctx, db); err != nil {
			t.Fatal(err)
		}
		if err := applyInBatches(ctx, db, h.events, cuts); err != nil {
			t.Fatal(err)
		}
		m := newModel(h)
		for _, user := range h.users {
			if got, want := undelivered(outer, db, user, 0, math.MaxInt64, 1000), m.undelivered(user); !slices.Equal(got, want) {
				t.Errorf("undelivered to %s: %v, want %v", user, got, want)
			}
			if got, want := unread(outer, db, user, h.conversations...), m.unread(user); !maps.Equal(got, want) {
				t.Errorf("unread by %s: %v, want %v", user, got, want)
			}
		}
		for _, message := range h.messages {
			var delivered, read bool
			const query = `SELECT is_delivered, is_read FROM messages WHERE id = $1`
			if err := db.QueryRowContext(ctx, query, message.ID.String()).Scan(&delivered, &read); err != nil {
				t.Fatal(err)
			}
			if d, r := m.flags(message); d != delivered || r != read {
				t.Errorf("message at %d: delivered %t, read %t; want %t, %t", message.Position, delivered, read, d, r)
			}
		}
		checkBlocked(ctx, t, db, m)
	})
}

// checkBlocked compares what the guard blocked, all of it and nothing else, with the log.
func checkBlocked(ctx context.Context, t *rapid.T, db *sql.DB, m *model) {
	var blocked, reviewed, sent int
	const count = `
		SELECT count(*) FILTER (WHERE was_blocked AND seq IS NULL), count(*) FILTER (WHERE NOT was_blocked AND seq IS NOT NULL),
			(SELECT count(*) FROM blocked_messages)
		FROM messages`
	if err := db.QueryRowContext(ctx, count).Scan(&blocked, &sent, &reviewed); err != nil {
		t.Fatal(err)
	}
	if blocked != len(m.h.blocked) || reviewed != len(m.h.blocked) || sent != len(m.h.messages) {
		t.Errorf("%d blocked, %d of them to review, %d sent; want %d and %d", blocked, reviewed, sent, len(m.h.blocked), len(m.h.messages))
	}
	const query = `
		SELECT b.position, b.released_id, m.content IS NULL AND m.salt IS NULL AND m.erased_at IS NOT NULL
		FROM blocked_messages AS b
		JOIN messages AS m ON m.id = b.message_id
			AND m.position = b.position
			AND m.sender_id = b.sender_id
			AND m.conversation_id IS NOT DISTINCT FROM b.conversation_id
		WHERE b.message_id = $1`
	for i, b := range m.h.blocked {
		var position domain.Position
		var released domain.ID
		var erased bool
		if err := db.QueryRowContext(ctx, query, b.MessageID.String()).Scan(&position, &released, &erased); err != nil {
			t.Fatal(err)
		}
		twin, _ := m.h.state.Twin(b.MessageID)
		if position != m.h.blockedAt[i] || released != twin.ID || erased != m.erased[b.MessageID] {
			t.Errorf("blocked at %d: at %d, released as %s, erased %t; want %s, %t",
				m.h.blockedAt[i], position, released, erased, twin.ID, m.erased[b.MessageID])
		}
	}
}
