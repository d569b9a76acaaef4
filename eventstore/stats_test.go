package eventstore_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// What is appended is told once, in order, with the time that it took; what is refused is counted.
func TestObserve(t *testing.T) {
	t.Parallel()
	log, err := eventstoretest.OpenLog(t, pgtest.New(t).DSN, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var told []domain.Event // owned by the appender until the log has ended
	log.Observe(func(a eventstore.Appended) {
		if a.Took <= 0 || a.Took > time.Minute || len(a.Events) == 0 {
			t.Errorf("told of %d events in %s", len(a.Events), a.Took)
		}
		told = append(told, a.Events...)
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- log.Run(ctx) }()
	sender := newID()
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			if _, err := log.Append(t.Context(), keyed(sender, fmt.Sprint(i/2))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if !log.Reachable() || log.IsCutShort() || log.Waiting() != 0 {
		t.Errorf("reachable %t, cut short %t, %d wait", log.Reachable(), log.IsCutShort(), log.Waiting())
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(told) != 25 {
		t.Errorf("told of %d events, want 25", len(told))
	}
	for i, e := range told {
		if e.Position != domain.Position(i+1) {
			t.Errorf("event %d is at %d", i, e.Position)
		}
	}
	if got, want := log.Counters(), (eventstore.Counters{Repeats: 25}); got != want {
		t.Errorf("counters: got %+v, want %+v", got, want)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}
