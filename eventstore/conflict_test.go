package eventstore_test

import (
	"sync"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// block is a deciding event in the stream of a user, expecting the version given.
func block(user domain.ID, expect domain.Version, at domain.Position) domain.Decision {
	stream := domain.GuardStream(user)
	return domain.Decision{
		Actor:  domain.Actor{ID: user, Auth: domain.AuthToken},
		Drafts: []domain.Draft{{Stream: stream, Data: &domain.UserBlocked{UserID: user, BlockedID: newID()}}},
		Expect: []domain.Expectation{{Stream: stream, Version: expect}},
		At:     at,
	}
}

func TestAStaleDecisionIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	l := eventstoretest.Open(t, db.DSN)
	user := newID()
	resting := func(version domain.Version, at domain.Position) domain.Decision {
		d := message(newID(), user, "rests on no block")
		d.Expect = []domain.Expectation{{Stream: domain.GuardStream(user), Version: version}}
		d.At = at
		return d
	}
	results, err := l.Append(t.Context(),
		resting(0, 0), // true still
		block(user, 0, 0),
		resting(0, 0), // the block is in the same call, before it
		block(user, 0, 0),
	)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, false, true, true} {
		if results[i].Conflict != want || (len(results[i].Events) == 0) != want {
			t.Errorf("command %d: %+v, want conflict %t", i, results[i], want)
		}
	}
	head := results[3].Head
	if results, err = l.Append(t.Context(), resting(1, head), resting(0, 0)); err != nil {
		t.Fatal(err)
	}
	if results[0].Conflict || !results[1].Conflict {
		t.Errorf("decided again, and not decided again: %+v", results)
	}
}

// TestNoDecisionRestsOnWhatIsGone lets two servers race blocks against messages that expect a
// version. In the log each message must stand after the block it saw and before the next.
func TestNoDecisionRestsOnWhatIsGone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	logs := []*eventstore.Log{eventstoretest.Open(t, db.DSN), eventstoretest.Open(t, db.DSN)}
	user, conversation := newID(), newID()
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		expected = make(map[domain.Position]domain.Version) // of the messages that were stored
		version  domain.Version
	)
	for i := range 8 {
		wg.Go(func() {
			log := logs[i%2]
			for n := range 30 {
				mu.Lock()
				seen := version
				mu.Unlock()
				d := message(conversation, user, "m")
				d.Expect = []domain.Expectation{{Stream: domain.GuardStream(user), Version: seen}}
				if i < 2 && n%3 == 0 {
					d = block(user, seen, 0)
				}
				results, err := log.Append(t.Context(), d)
				if err != nil {
					t.Error(err)
					return
				}
				if r := results[0]; len(r.Events) > 0 {
					e := r.Events[0]
					mu.Lock()
					if e.Type.Deciding() {
						version = max(version, e.Version)
					} else {
						expected[e.Position] = seen
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	events, err := logs[0].Read(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var blocks domain.Version
	for _, e := range events {
		if e.Type.Deciding() {
			blocks++
			if e.Version != blocks {
				t.Errorf("block at %d has version %d, want %d", e.Position, e.Version, blocks)
			}
		} else if expected[e.Position] != blocks {
			t.Errorf("the message at %d rests on version %d, but %d was in the log", e.Position, expected[e.Position], blocks)
		}
	}
	if blocks < 2 {
		t.Fatalf("only %d blocks: the race did not happen", blocks)
	}
}

// TestWhoIsRefusedHoldsNobodyUp: however many decisions on one thing are refused one after the other, what others send meanwhile is
// stored after one of them, not after them all.
func TestWhoIsRefusedHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	begun, refused := make(chan struct{}), make(chan int64, 1)
	l := eventstoretest.OpenWith(t, db.DSN, func(l *eventstore.Log) {
		l.Observe(func(a eventstore.Appended) { // by the goroutine that appends
			if a.Events[0].Type == domain.TypeMessageSent {
				refused <- l.Counters().Conflicts
				return
			}
			close(begun)
			for l.Waiting() == 0 {
				time.Sleep(time.Millisecond)
			}
		})
	})
	user := newID()
	blocks := make([]domain.Decision, 700)
	for i := range blocks {
		blocks[i] = block(user, 0, 0)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := l.Append(t.Context(), blocks...); err != nil {
			t.Error(err)
		}
	})
	<-begun
	if _, err := l.Append(t.Context(), message(newID(), newID(), "meanwhile")); err != nil {
		t.Error(err)
	}
	if n := <-refused; n != 1 {
		t.Errorf("another's message waited for %d refusals, want 1", n)
	}
	wg.Wait()
	if n := l.Counters().Conflicts; n != 699 {
		t.Errorf("%d were refused, want all but the first of 700", n)
	}
}
