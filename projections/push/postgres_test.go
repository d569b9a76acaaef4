package push_test

import (
	"fmt"
	"slices"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections/push"
	"chainmail/projections/state"
	"chainmail/projections/view"
)

// project brings the state tables from one offset to another, as the runner does.
func project(t *testing.T, l *eventstore.Log, from, to domain.Position) {
	t.Helper()
	events, err := l.Read(t.Context(), from, int(to-from))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := l.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := state.Apply(t.Context(), tx, events); err != nil {
		t.Fatal(err)
	}
	_, err = tx.ExecContext(t.Context(), `
		INSERT INTO projection_offsets (projection, version, position, updated_at)
		VALUES ('messages', 1, $1, now())
		ON CONFLICT (projection) DO UPDATE
		SET position = excluded.position`, int64(to))
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// TestPostgres follows a real log, and catches up from it and from real state tables.
func TestPostgres(t *testing.T) {
	t.Parallel()
	l, w, s := eventstoretest.Open(t, pgtest.New(t).DSN), newWorld(t), newSink()
	v, err := view.Load(t.Context(), l, quiet)
	if err != nil {
		t.Fatal(err)
	}
	w.mirror = func(d domain.Decision) {
		results, err := l.Append(t.Context(), d)
		if err != nil || len(results[0].Events) != len(d.Drafts) {
			t.Fatalf("append: %v, %v", results, err)
		}
	}
	p := push.New(l, push.Whole{Tail: l.Tail(v.Position())}, v, push.StateTables{DB: l.DB()}, s, quiet)
	defer run(t, p)()
	users, large := scene(w)
	head := w.Head()
	s.wait(head)

	offset := domain.Position(0)
	for _, next := range []domain.Position{0, head / 2, head - 3, head} {
		if next > offset {
			project(t, l, offset, next)
			offset = next
		}
		t.Run(fmt.Sprintf("tables at %d of %d", offset, head), func(t *testing.T) {
			for _, user := range append(users[:4:4], w.admin) {
				live := single(t, s.of(user))
				hidden(t, w, live)
				for since := domain.Position(0); since < head; since += 7 {
					caughtUp := single(t, collect(t, func(emit push.EmitFunc) error {
						return p.CatchUp(t.Context(), user, since, head, emit)
					}))
					same(t, w, fmt.Sprintf("since %d", since), caughtUp, between(live, since, head))
				}
				have := collect(t, func(emit push.EmitFunc) error { return p.Undelivered(t.Context(), user, head, emit) })
				same(t, w, "undelivered", have, unacknowledged(w, user, s.of(user)))
			}
			frames := collect(t, func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), users[0], 0, head, emit) })
			statuses := counts(t, frames)
			if want := fmt.Sprintf("40/10 at %d", head); !slices.Contains(statuses, want) {
				t.Errorf("got %q, want %s among them", statuses, want)
			}
			if large.Position == 0 {
				t.Error("the large message has no position")
			}
		})
	}
}

// scene is some talk between a few, and a message to many that 40 receive and 10 read.
func scene(w *world) (users []domain.ID, large domain.MessageRef) {
	for range 60 {
		users = append(users, w.user())
	}
	ann, bob, cat := users[0], users[1], users[2]
	hello := w.say(ann, domain.ID{}, bob, "hello")
	w.ack(bob, hello, false)
	w.say(bob, hello.ConversationID, domain.ID{}, "hi")
	w.guarded()
	w.judged(ann, hello.ConversationID, domain.ID{}, "blocked", true)
	w.judged(ann, domain.ID{}, cat, "blocked before they talk", true)
	w.judged(ann, domain.ID{}, users[3], "SHOUTED", false)
	w.release(1)
	w.eraseBlocked(0)
	trip := w.group("Trip", ann, bob)
	w.add(ann, trip, cat)
	secret := w.say(cat, trip, domain.ID{}, "a secret")
	w.ack(ann, secret, true)
	w.remove(ann, trip, bob)
	w.say(ann, trip, domain.ID{}, "bob is gone")
	w.erase(secret)
	w.add(cat, trip, bob)
	w.say(bob, trip, domain.ID{}, "bob is back")
	crowd := w.group("Everybody", ann, users[1:]...)
	large = w.say(ann, crowd, domain.ID{}, "to all")
	for i, user := range users[1:41] {
		if i%5 != 0 {
			w.ack(user, large, false)
		}
		if i%4 == 0 {
			w.ack(user, large, true)
		}
	}
	for i, user := range users[1:41] {
		if i%5 == 0 {
			w.ack(user, large, false)
		}
	}
	return users, large
}

// single leaves out the counts, which come otherwise when caught up.
func single(t *testing.T, frames []got) []got {
	return slices.DeleteFunc(frames, func(g got) bool { return parse(t, g.frame)["delivered_count"] != nil })
}
