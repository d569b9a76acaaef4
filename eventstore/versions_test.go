package eventstore_test

import (
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// TestStreamVersionsHaveNoHoles lets two servers write to the same conversations, by turns and at
// once. Each remembers versions that the other makes old.
func TestStreamVersionsHaveNoHoles(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	logs := []*eventstore.Log{eventstoretest.Open(t, db.DSN), eventstoretest.Open(t, db.DSN)}
	conversations := []domain.ID{newID(), newID()}
	const each = 60
	send := func(l *eventstore.Log, n int) {
		if _, err := l.Append(t.Context(), message(conversations[n%2], newID(), "m"), message(conversations[0], newID(), "m")); err != nil {
			t.Error(err)
		}
	}
	for n := range each { // by turns
		send(logs[n%3%2], n)
	}
	var wg sync.WaitGroup
	for _, l := range logs { // at once
		for range 4 {
			wg.Go(func() {
				for n := range each {
					send(l, n)
				}
			})
		}
	}
	wg.Wait()
	total := 0
	for _, c := range conversations {
		events, err := logs[0].ReadStream(t.Context(), domain.ConversationStream(c), 0, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			if e.Version != domain.Version(i+1) {
				t.Fatalf("event %d of %s has version %d", i+1, e.Stream, e.Version)
			}
		}
		total += len(events)
	}
	if want := 2 * each * 9; total != want {
		t.Errorf("%d events, want %d", total, want)
	}
}
