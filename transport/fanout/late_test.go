package fanout

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// A batch is late though markers come all the time: of what was before, as from a Redis that lags or of somebody who sends them again.
func TestLateBehindOtherMarkers(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	s := &Source{
		log: l, inbox: newInbox(1), interest: newInterest(names{lanes: 1}, nil), refresh: func() {}, logger: slog.New(slog.DiscardHandler),
	}
	old := marker{epoch: 1, from: 0, to: 0}
	s.inbox.connected(0, time.Now())
	s.inbox.marker(0, old, 10, time.Now())
	s.follows.Store(true)
	d, refusal := domain.NewState().Register(domain.RegisterUser{UserID: domain.ID{15: 1}, Name: "a", Role: domain.RoleMember})
	if refusal != nil {
		t.Fatal(refusal)
	}
	if _, err := l.Append(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sent := make(chan struct{})
	go func() { // ends with ctx
		defer close(sent)
		for ctx.Err() == nil {
			s.inbox.marker(0, old, 10, time.Now())
			pause(ctx, lateAfter/5)
		}
	}()
	err := s.Next(ctx, func(events []domain.Event, through domain.Position) {
		if len(events) != 1 || through != 1 {
			t.Errorf("got %d events through %d, want the log's one", len(events), through)
		}
	})
	cancel()
	<-sent
	if err != nil {
		t.Errorf("Next: %v, want what the log has", err)
	}
}
