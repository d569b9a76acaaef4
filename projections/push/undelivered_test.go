package push_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/projections/push"
)

// TestUndelivered gives, for random histories and wherever the tables stand, the messages to the
// user that have no receipt of his, as a connected client got them.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w, s := newWorld(t), newSink()
		users := make([]domain.ID, 4)
		for i := range users {
			users[i] = w.user()
		}
		w.guarded()
		s.registered = w.registered
		p, _ := pusher(t, w, s, 0)
		stop := run(t, p)
		history(rt, w, s, users)
		head := w.Head()
		s.wait(head)
		stop()
		offset := domain.Position(rapid.IntRange(0, int(head)).Draw(rt, "offset"))
		fallsBack := rapid.Bool().Draw(rt, "falls back")
		for _, user := range users {
			at := offset
			w.tablesAt = func() domain.Position {
				if fallsBack && at > 0 {
					at-- // a rebuild took the tables' place
				}
				return at
			}
			have := collect(t, func(emit push.EmitFunc) error { return p.Undelivered(t.Context(), user, head, emit) })
			same(rt, w, fmt.Sprintf("%s with tables at %d", user, offset), have, unacknowledged(w, user, s.of(user)))
		}
	})
}

func unacknowledged(w *world, user domain.ID, frames []got) []got {
	rows := w.receipts(w.Head())
	return slices.DeleteFunc(frames, func(g got) bool {
		i := slices.IndexFunc(w.messages, func(m domain.MessageRef) bool { return m.ID == g.origin })
		if i < 0 || w.messages[i].SenderID == user {
			return true
		}
		_, acknowledged := rows[[2]domain.ID{g.origin, user}]
		return acknowledged
	})
}

// TestUndeliveredUpTo leaves what comes after upTo to the live pushes.
func TestUndeliveredUpTo(t *testing.T) {
	t.Parallel()
	for _, offset := range []domain.Position{0, 4, 5, 6} {
		w := newWorld(t)
		ann, bob := w.user(), w.user()
		w.say(ann, domain.ID{}, bob, "first")  // 3 and 4
		w.say(ann, domain.ID{}, bob, "second") // 5
		w.say(ann, domain.ID{}, bob, "third")  // 6
		w.tablesAt = func() domain.Position { return offset }
		p, _ := pusher(t, w, newSink(), 0)
		var have []domain.Position
		for _, g := range collect(t, func(emit push.EmitFunc) error { return p.Undelivered(t.Context(), bob, 5, emit) }) {
			have = append(have, g.position)
		}
		if !slices.Equal(have, []domain.Position{4, 5}) {
			t.Errorf("tables at %d: got %v", offset, have)
		}
	}
}

// TestEmitEnds ends with the error of emit, at once.
func TestEmitEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.user(), w.user()
	for i := range 10 {
		w.say(ann, domain.ID{}, bob, fmt.Sprint(i))
	}
	p, _ := pusher(t, w, newSink(), 0)
	gone := errors.New("the connection is gone")
	for name, call := range map[string]func(push.EmitFunc) error{
		"catch up":    func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), bob, 0, w.Head(), emit) },
		"undelivered": func(emit push.EmitFunc) error { return p.Undelivered(t.Context(), bob, w.Head(), emit) },
	} {
		emitted := 0
		err := call(func(domain.Position, domain.ID, []byte) error {
			if emitted++; emitted == 3 {
				return gone
			}
			return nil
		})
		if err != gone || emitted != 3 {
			t.Errorf("%s: got %v after %d", name, err, emitted)
		}
	}
}

// TestCatchUpWaitsForView does not answer from a view that is behind upTo.
func TestCatchUpWaitsForView(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), newSink()
	ann, bob := w.user(), w.user()
	p, _ := pusher(t, w, s, 0)
	w.say(ann, domain.ID{}, bob, "hello")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	emit := func(domain.Position, domain.ID, []byte) error { return nil }
	if err := p.CatchUp(ctx, bob, 0, w.Head(), emit); !errors.Is(err, context.Canceled) {
		t.Errorf("behind: got %v", err)
	}
	defer run(t, p)()
	frames := collect(t, func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), bob, 0, w.Head(), emit) })
	if len(frames) != 2 {
		t.Errorf("got %v", frames)
	}
}

// TestManyConversations reads more streams than are asked for at once, in one order.
func TestManyConversations(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), newSink()
	ann := w.user()
	var others []domain.ID
	for range 40 {
		others = append(others, w.user())
	}
	p, _ := pusher(t, w, s, 0)
	for round := range 5 {
		for i, other := range others {
			if i%(round+1) == 0 {
				w.say(other, domain.ID{}, ann, fmt.Sprint(round))
			}
		}
	}
	stop := run(t, p)
	s.wait(w.Head())
	stop()
	for _, since := range []domain.Position{0, 60, 120, w.Head() - 1} {
		caughtUp := collect(t, func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), ann, since, w.Head(), emit) })
		if want := between(s.of(ann), since, w.Head()); !slices.Equal(caughtUp, want) {
			t.Errorf("since %d: got %d frames, want %d:\n got %v\nwant %v", since, len(caughtUp), len(want), caughtUp, want)
		}
	}
}
