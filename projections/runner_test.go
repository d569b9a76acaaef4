package projections_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
)

func TestEachEventOnce(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	appendEvents(t, l, 50)
	r := start(t, l, quick, nil, journal(t, l.DB(), "one", nothing), journal(t, l.DB(), "two", nothing))
	appendEvents(t, l, 30)
	for _, name := range []string{"one", "two"} {
		wait(t, r, name, 80)
		wantJournal(t, l.DB(), name, 80)
	}
	for _, s := range r.Status() {
		if s.Position != 80 || s.Lag != 0 || s.Stuck != "" {
			t.Errorf("status %+v, want position 80", s)
		}
	}
	all, err := projections.ReadStatus(t.Context(), l.DB())
	if err != nil || len(all) != 2 || all[0] != (projections.Status{Projection: "one", Position: 80}) {
		t.Errorf("ReadStatus: %+v, %v", all, err)
	}
}

func TestGoesOnAfterRestart(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	p := journal(t, l.DB(), "one", nothing)
	for i := 1; i <= 3; i++ {
		r := projections.New(l, quick, discard, p)
		stop := run(t, r)
		appendEvents(t, l, 10)
		wait(t, r, "one", domain.Position(10*i))
		stop()
	}
	wantJournal(t, l.DB(), "one", 30)
}

// A commit that fails at any step is as if it had not been tried.
func TestKilledAtAnyStep(t *testing.T) {
	t.Parallel()
	kill := func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
		return err
	}
	tests := map[string]func(context.Context, *sql.Tx) error{
		"error after a write":      func(context.Context, *sql.Tx) error { return driver.ErrBadConn },
		"connection cut":           kill,
		"cut and not noticed":      func(ctx context.Context, tx *sql.Tx) error { _ = kill(ctx, tx); return nil },
		"SQL error after a write":  func(ctx context.Context, tx *sql.Tx) error { _, err := tx.ExecContext(ctx, `SELECT 1/0`); return err },
		"SQL error not noticed":    func(ctx context.Context, tx *sql.Tx) error { _, _ = tx.ExecContext(ctx, `SELECT 1/0`); return nil },
		"panic after a write":      func(context.Context, *sql.Tx) error { panic("out of order") },
		"rolled back by the apply": func(_ context.Context, tx *sql.Tx) error { return tx.Rollback() },
	}
	for name, fail := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := eventstoretest.Open(t, pgtest.New(t).DSN)
			var calls atomic.Int32
			p := journal(t, l.DB(), "one", func(ctx context.Context, tx *sql.Tx, _ []domain.Event) error {
				if n := calls.Add(1); n%3 == 1 && n < 20 {
					return fail(ctx, tx)
				}
				return nil
			})
			r := start(t, l, quick, nil, p)
			appendEvents(t, l, 60)
			wait(t, r, "one", 60)
			wantJournal(t, l.DB(), "one", 60)
		})
	}
}

// A batch that takes too long is read again while the first attempt is still at it.
func TestMissedDeadline(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	var once sync.Once
	p := journal(t, l.DB(), "one", func(context.Context, *sql.Tx, []domain.Event) error {
		once.Do(func() {
			until(t, "a second attempt waits for the first", func() bool {
				var waiting bool
				const query = `SELECT EXISTS (SELECT FROM pg_stat_activity
					WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE projection_offsets%' AND datname = current_database())`
				_ = l.DB().QueryRowContext(t.Context(), query).Scan(&waiting)
				return waiting
			})
		})
		return nil
	})
	appendEvents(t, l, 10)
	settings := quick
	settings.Deadline = 20 * time.Millisecond
	r := start(t, l, settings, nil, p)
	wait(t, r, "one", 10)
	appendEvents(t, l, 10)
	wait(t, r, "one", 20)
	wantJournal(t, l.DB(), "one", 20)
}

func TestTwoRunnersOnOneDatabase(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	a, b := eventstoretest.Open(t, dsn), eventstoretest.Open(t, dsn)
	p := journal(t, a.DB(), "one", nothing)
	first, second := start(t, a, quick, nil, p), start(t, b, quick, nil, p)
	var group sync.WaitGroup
	group.Go(func() { appendEvents(t, a, 100) })
	group.Go(func() { appendEvents(t, b, 100) })
	group.Wait()
	wait(t, first, "one", 200)
	wait(t, second, "one", 200)
	wantJournal(t, a.DB(), "one", 200)
}

// Without the lease the comparison of offsets alone keeps the tables right.
func TestTwoRunnersWithoutLease(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	a, b := eventstoretest.Open(t, dsn), eventstoretest.Open(t, dsn)
	giveLeaseToAll(t, a.DB())
	p := journal(t, a.DB(), "one", nothing)
	var runners []*projections.Runner
	for _, l := range []projections.Log{eventstoretest.Open(t, dsn), eventstoretest.Open(t, dsn)} {
		runners = append(runners, start(t, l, quick, nil, p))
	}
	var group sync.WaitGroup
	group.Go(func() { appendEvents(t, a, 100) })
	group.Go(func() { appendEvents(t, b, 100) })
	group.Wait()
	for _, r := range runners {
		wait(t, r, "one", 200)
	}
	wantJournal(t, a.DB(), "one", 200)
}

// Run lets a batch under way commit before it returns.
func TestRunFinishesTheBatchUnderWay(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	begun, finish := make(chan struct{}), make(chan struct{})
	p := journal(t, l.DB(), "one", func(context.Context, *sql.Tx, []domain.Event) error {
		close(begun)
		<-finish
		return nil
	})
	appendEvents(t, l, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- projections.New(l, quick, discard, p).Run(ctx) }()
	<-begun
	cancel()
	close(finish)
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	wantJournal(t, l.DB(), "one", 10)
}

// A batch that does not end in time is rolled back.
func TestRunEndsInTime(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	begun := make(chan struct{})
	p := journal(t, l.DB(), "one", func(ctx context.Context, _ *sql.Tx, _ []domain.Event) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	})
	appendEvents(t, l, 10)
	settings := quick
	settings.Grace = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- projections.New(l, settings, discard, p).Run(ctx) }()
	<-begun
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	wantJournal(t, l.DB(), "one", 0)
}

func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	admin, away := pgtest.Empty(t), pgtest.New(t)
	l := eventstoretest.Open(t, away.DSN)
	var name string
	if err := l.DB().QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	r := start(t, l, quick, nil, journal(t, l.DB(), "one", nothing))
	appendEvents(t, l, 10)
	wait(t, r, "one", 10)
	for round := range 3 {
		door := func(open bool) {
			t.Helper()
			if _, err := admin.SQL.ExecContext(t.Context(), fmt.Sprintf(`ALTER DATABASE %s ALLOW_CONNECTIONS %t`, name, open)); err != nil {
				t.Fatal(err)
			}
		}
		door(false)
		const query = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1`
		for range 10 {
			if _, err := admin.SQL.ExecContext(t.Context(), query, name); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond) // an outage takes a while
		}
		door(true)
		until(t, "the log is there again", func() bool { return l.Check(t.Context()) == nil })
		appendEvents(t, l, 10)
		wait(t, r, "one", domain.Position(20+10*round))
	}
	wantJournal(t, l.DB(), "one", 40)
	if s := r.Status()[0]; s.Stuck != "" {
		t.Errorf("still stuck: %+v", s)
	}
}

// Full batches follow one another without a wake-up in between.
func TestBacklogNeedsNoWaking(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	appendEvents(t, l, 90)
	settings := quick
	settings.Poll = time.Hour
	r := start(t, l, settings, nil, journal(t, l.DB(), "one", nothing))
	wait(t, r, "one", 90)
	appendEvents(t, l, 1)
	wait(t, r, "one", 91)
	wantJournal(t, l.DB(), "one", 91)
}

// Who does not get the lease does not read.
func TestLease(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	tx, err := l.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const lock = `SELECT pg_advisory_xact_lock(hashtextextended('chainmail projection one', 0))`
	if _, err := tx.ExecContext(t.Context(), lock); err != nil {
		t.Fatal(err)
	}
	r := start(t, l, quick, nil, journal(t, l.DB(), "one", nothing), journal(t, l.DB(), "two", nothing))
	for i := 1; i <= 5; i++ {
		appendEvents(t, l, 1)
		wait(t, r, "two", domain.Position(i))
	}
	wantJournal(t, l.DB(), "one", 0)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	wait(t, r, "one", 5)
}

// Statements are prepared for the pool, and a connection that is cut takes nothing with it.
func TestPrepare(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	p := journal(t, l.DB(), "one", nothing)
	apply := p.Apply
	p.Apply = nil
	var prepared, closed atomic.Int32
	p.Prepare = func(_ context.Context, db *sql.DB) (projections.Prepared, error) {
		if prepared.Add(1) < 3 {
			return projections.Prepared{}, driver.ErrBadConn
		}
		return projections.Prepared{Apply: apply, Close: func() error { closed.Add(1); return nil }}, nil
	}
	r := projections.New(l, quick, discard, p)
	stop := run(t, r)
	for i := 1; i <= 3; i++ {
		appendEvents(t, l, 10)
		wait(t, r, "one", domain.Position(10*i))
	}
	stop()
	if prepared.Load() != 3 || closed.Load() != 1 {
		t.Errorf("prepared %d times, closed %d times; want 3, the last of which serves, and 1", prepared.Load(), closed.Load())
	}
	wantJournal(t, l.DB(), "one", 30)
}
