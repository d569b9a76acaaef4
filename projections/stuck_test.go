package projections_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/state"
)

var discard = slog.New(slog.DiscardHandler)

func isStuck(r *projections.Runner, i int) func() bool {
	return func() bool { return r.Status()[i].Stuck != "" }
}

// An event that cannot be applied stops its projection there and no other, is told once, and is not
// skipped.
func TestPoison(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	var healed atomic.Bool
	var attempts atomic.Int32
	bad := journal(t, l.DB(), "bad", func(_ context.Context, _ *sql.Tx, events []domain.Event) error {
		attempts.Add(1)
		if !healed.Load() && slices.ContainsFunc(events, func(e domain.Event) bool { return e.Position == 13 }) {
			return errors.New("unlucky")
		}
		return nil
	})
	log := new(told)
	appendEvents(t, l, 35)
	r := start(t, l, quick, slog.New(log), bad, journal(t, l.DB(), "good", nothing))
	wait(t, r, "good", 35)
	until(t, "the projection is stuck", isStuck(r, 0))
	tried := attempts.Load()
	until(t, "it tries again", func() bool { return attempts.Load() > tried+3 })
	wantJournal(t, l.DB(), "bad", 12)

	s := r.Status()[0]
	if s.Position != 12 || s.FailedPosition != 13 || s.Lag != 23 || !strings.Contains(s.Stuck, "unlucky") {
		t.Errorf("status %+v", s)
	}
	until(t, "it shows for how long", func() bool { return r.Status()[0].Behind > 0 })
	if s := r.Status()[1]; s.Behind != 0 {
		t.Errorf("status %+v, want it not behind", s)
	}
	s.Behind = 0
	if all, err := projections.ReadStatus(t.Context(), l.DB()); err != nil || !slices.Contains(all, s) {
		t.Errorf("ReadStatus: %+v, %v, want one like %+v", all, err, s)
	}
	if err := r.Wait(t.Context(), "bad", 13); !errors.Is(err, projections.ErrStuck) {
		t.Errorf("Wait: %v, want ErrStuck", err)
	}
	if err := r.Wait(t.Context(), "bad", 12); err != nil {
		t.Errorf("Wait for what is applied: %v", err)
	}
	if n := log.errors(); n != 1 {
		t.Errorf("told %d times, want once", n)
	}

	healed.Store(true)
	wait(t, r, "bad", 35)
	wantJournal(t, l.DB(), "bad", 35)
	all, err := projections.ReadStatus(t.Context(), l.DB())
	if err != nil || all[0] != (projections.Status{Projection: "bad", Position: 35}) {
		t.Errorf("ReadStatus: %+v, %v, want no failure", all, err)
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		position domain.Position
		ofType   string
		payload  string
		want     string
	}{
		"newer type":         {2, "BananaPeeled", `{}`, "event type BananaPeeled is newer than this server"},
		"payload unreadable": {2, "UserBlocked", `{"user_id": 7}`, "UserBlocked cannot be applied"},
		"not in the domain":  {2, "UserDeactivated", `{"user_id": "01234567-89ab-7cde-8123-456789abcdef"}`, "UserDeactivated cannot be applied: users to deactivate: 0 of 1 are there"},
		"gap":                {3, "UserBlocked", `{}`, "the log has a gap after position 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := eventstoretest.Open(t, pgtest.New(t).DSN)
			appendEvents(t, l, 1)
			insertEvent(t, l.DB(), test.position, test.ofType, test.payload)
			r := start(t, l, quick, nil, state.Projection())
			until(t, "the projection is stuck", isStuck(r, 0))
			s := r.Status()[0]
			if !strings.Contains(s.Stuck, test.want) || s.Position != 1 || s.FailedPosition != 2 {
				t.Errorf("status %+v, want %q at 2", s, test.want)
			}
		})
	}
}

func TestOtherVersion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		version int
		want    string
	}{
		"newer tables": {7, "a newer server runs it"},
		"older tables": {5, "run chainmail rebuild one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := eventstoretest.Open(t, pgtest.New(t).DSN)
			const query = `INSERT INTO projection_offsets (projection, version, position, updated_at) VALUES ('one', $1, 0, now())`
			if _, err := l.DB().ExecContext(t.Context(), query, test.version); err != nil {
				t.Fatal(err)
			}
			appendEvents(t, l, 5)
			p := journal(t, l.DB(), "one", nothing)
			p.Version = 6
			r := start(t, l, quick, nil, p, journal(t, l.DB(), "two", nothing))
			wait(t, r, "two", 5)
			until(t, "the projection is stuck", isStuck(r, 0))
			if s := r.Status()[0]; !strings.Contains(s.Stuck, test.want) {
				t.Errorf("status %+v, want %q", s, test.want)
			}
			wantJournal(t, l.DB(), "one", 0)
		})
	}
}

// A failure that cannot be recorded is told once all the same, and shown.
func TestUnrecordedFailure(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	const refuse = `ALTER TABLE projection_offsets ADD CHECK (failure IS NULL)`
	if _, err := l.DB().ExecContext(t.Context(), refuse); err != nil {
		t.Fatal(err)
	}
	var attempts atomic.Int32
	p := journal(t, l.DB(), "bad", func(context.Context, *sql.Tx, []domain.Event) error {
		attempts.Add(1)
		return errors.New("unlucky")
	})
	log := new(told)
	appendEvents(t, l, 3)
	r := start(t, l, quick, slog.New(log), p, journal(t, l.DB(), "good", nothing))
	until(t, "it tries again", func() bool { return attempts.Load() > 5 })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := r.Wait(ctx, "good", 1000); !errors.Is(err, context.DeadlineExceeded) { // it looks at the offsets often
		t.Errorf("Wait: %v, want the deadline", err)
	}
	if s := r.Status()[0]; s.FailedPosition != 1 {
		t.Errorf("status %+v, want a failure at 1", s)
	}
	if n := log.errors(); n != 1 {
		t.Errorf("told %d times, want once", n)
	}
}

func TestWaitForNoProjection(t *testing.T) {
	t.Parallel()
	r := projections.New(eventstoretest.Open(t, pgtest.New(t).DSN), quick, discard)
	if err := r.Wait(t.Context(), "none", 1); err == nil {
		t.Error("no error")
	}
}

// Tables of another version that are swapped in while a batch is on its way get nothing of it.
func TestVersionChangesUnderWay(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	p := journal(t, l.DB(), "one", nothing)
	p.Prepare = func(ctx context.Context, db *sql.DB) (projections.Prepared, error) {
		_, err := db.ExecContext(ctx, `UPDATE projection_offsets SET version = 2 WHERE projection = 'one'`)
		return projections.Prepared{Apply: p.Apply, Close: func() error { return nil }}, err
	}
	appendEvents(t, l, 3)
	r := start(t, l, quick, nil, p)
	until(t, "the projection is stuck", isStuck(r, 0))
	wantJournal(t, l.DB(), "one", 0)
}
