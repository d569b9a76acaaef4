package eventstore_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// A log whose end was replaced by other events takes nothing from a server that knew the old ones, and tails end.
func TestALogWhoseEndWasReplaced(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	l := eventstoretest.Open(t, db.DSN)
	for range 3 {
		if _, err := l.Append(t.Context(), message(newID(), newID(), "m")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.SQL.ExecContext(t.Context(), `
		ALTER TABLE events DISABLE TRIGGER USER;
		ALTER TABLE events_000000 DISABLE TRIGGER USER;
		UPDATE events SET event_id = '01890a5d-ac96-774b-bcce-b302099a8057' WHERE position = 3`); err != nil {
		t.Fatal(err)
	}
	other := eventstoretest.Open(t, db.DSN)
	if _, err := other.Append(t.Context(), message(newID(), newID(), "m")); err != nil {
		t.Fatal(err) // it has seen nothing else
	}
	select {
	case <-l.Doubted():
	case <-time.After(patience):
		t.Fatal("it does not notice")
	}
	var lost *eventstore.Lost
	if !errors.As(l.Doubt(), &lost) || lost.Position != 3 || lost.ID.IsZero() {
		t.Errorf("Doubt: got %v, want the event at position 3", l.Doubt())
	}
	_, err := l.Append(t.Context(), message(newID(), newID(), "m"))
	if !errors.Is(err, eventstore.ErrUnavailable) || !errors.Is(err, eventstore.ErrCutShort) {
		t.Errorf("Append: %v, want ErrUnavailable and ErrCutShort", err)
	}
	if _, err := l.Tail(0).Next(t.Context()); !errors.Is(err, eventstore.ErrCutShort) {
		t.Errorf("Next: %v, want ErrCutShort", err)
	}
}

// A log that was in doubt before it ran takes nothing, and is followed as it is.
func TestALogInDoubtIsFollowed(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	other := eventstoretest.Open(t, db.DSN)
	l, err := eventstore.Open(t.Context(), db.DSN, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("another one was seen")
	if err := l.CutShort(why); !errors.Is(err, eventstore.ErrCutShort) || !errors.Is(err, why) {
		t.Errorf("CutShort: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	defer func() {
		cancel()
		if err := errors.Join(<-ended, l.Close()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := other.Append(t.Context(), message(newID(), newID(), "m")); err != nil {
		t.Fatal(err)
	}
	if events, err := l.Tail(0).Next(t.Context()); err != nil || len(events) != 1 {
		t.Errorf("Next: got %d events, %v, want 1", len(events), err)
	}
	if _, err := l.Append(t.Context(), message(newID(), newID(), "m")); !errors.Is(err, why) {
		t.Errorf("Append: got %v, want the reason", err)
	}
}

// What anybody may notify is no proof: a log that does not reach as far as it was told is not cut short, and goes on.
func TestARumourIsNoProof(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	l := eventstoretest.Open(t, db.DSN)
	if _, err := l.Append(t.Context(), message(newID(), newID(), "m")); err != nil {
		t.Fatal(err)
	}
	tail := l.Tail(0)
	if _, err := tail.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	wake, stop := l.Wakeups()
	defer stop()
	waitUntil(t, func() bool { // a log that has only begun to run does not listen yet, and misses the first
		if _, err := db.SQL.ExecContext(t.Context(), `SELECT pg_notify('chainmail_events', '1000000')`); err != nil {
			t.Fatal(err)
		}
		select {
		case <-wake:
			return true
		default:
			return false
		}
	})
	if err := l.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
	if _, err := l.Append(t.Context(), message(newID(), newID(), "m")); err != nil {
		t.Errorf("Append: %v", err)
	}
	waitUntil(t, func() bool { return l.Head() == 2 })
	if events, err := tail.Next(t.Context()); err != nil || len(events) != 1 || events[0].Position != 2 {
		t.Errorf("Next: got %d events, %v, want the second", len(events), err)
	}
	if err := l.Doubt(); err != nil {
		t.Errorf("Doubt: %v", err)
	}
	l.Witness(3)
	waitUntil(t, func() bool { return errors.Is(l.Doubt(), eventstore.ErrCutShort) })
}
