package rebuild_test

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/attest"
	"chainmail/projections/rebuild"
	"chainmail/projections/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

// patience is how long a test waits for what has to come, on a machine that is busy.
const patience = 3 * time.Minute

// openLog returns a running log on a database of its own.
func openLog(t testing.TB) *eventstore.Log {
	t.Helper()
	return eventstoretest.Open(t, pgtest.New(t).DSN)
}

// openWorld returns a log in which some hundred people have written for a while, and their world.
func openWorld(t testing.TB, seed uint64, events int) (*eventstore.Log, *world) {
	t.Helper()
	db, w := makeWorld(t, seed, events)
	return eventstoretest.Open(t, db.DSN), w
}

func makeWorld(t testing.TB, seed uint64, events int) (*pgtest.DB, *world) {
	t.Helper()
	db := pgtest.New(t)
	pool, err := eventstore.OpenDB(db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(seed)
	load(t, pool, w, w.settle(100, 60, 12, 6), events)
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return db, w
}

// say appends so many more events of the world.
func say(ctx context.Context, l *eventstore.Log, w *world, n int) error {
	for range n {
		d := w.next()
		results, err := l.Append(ctx, domain.Decision{Actor: domain.Actor{Auth: domain.AuthSystem}, Drafts: []domain.Draft{d}})
		if err != nil {
			return err
		}
		w.at(d, results[0].Events[0].Position)
	}
	return nil
}

// run starts a runner, which ends with the test at the latest.
func run(t testing.TB, l *eventstore.Log, list ...projections.Projection) (r *projections.Runner, stop func()) {
	t.Helper()
	r = projections.New(l, projections.Settings{Pause: time.Millisecond, Poll: 20 * time.Millisecond, FirstRetry: 5 * time.Millisecond, LastRetry: 20 * time.Millisecond},
		slog.New(slog.DiscardHandler), list...)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return r, stop
}

// catchUp waits until a projection has applied the log.
func catchUp(t testing.TB, r *projections.Runner, l *eventstore.Log, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.Wait(ctx, name, l.Head()); err != nil {
		t.Fatal(err)
	}
}

// project brings the state tables up to the log, with no runner left.
func project(t testing.TB, l *eventstore.Log, p projections.Projection) attest.State {
	t.Helper()
	r, stop := run(t, l, p)
	catchUp(t, r, l, p.Name)
	stop()
	return sum(t, l, p)
}

func sum(t testing.TB, l *eventstore.Log, p projections.Projection) attest.State {
	t.Helper()
	s, err := attest.Read(t.Context(), l.DB(), p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustRun(t testing.TB, l *eventstore.Log, p projections.Projection) domain.Position {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	position, err := rebuild.Run(ctx, l, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return position
}

// wantEqual compares the live tables with a fresh build.
func wantEqual(t testing.TB, l *eventstore.Log, p projections.Projection) {
	t.Helper()
	c, err := rebuild.Verify(t.Context(), l, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Rows != 0 || c.Live != c.Rebuilt {
		t.Errorf("%d rows differ: %+v", c.Rows, c)
	}
}

// wantClean fails if a shadow is left.
func wantClean(t testing.TB, db *sql.DB) {
	t.Helper()
	if got := text(t, db, `SELECT coalesce(string_agg(nspname, ','), '') FROM pg_namespace WHERE nspname LIKE 'rebuild%'`); got != "" {
		t.Errorf("schema %s is left", got)
	}
}

func exec(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// try is exec for goroutines beside the test's own.
func try(t testing.TB, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Errorf("%s: %v", query, err)
	}
}

// text reads one value as text.
func text(t testing.TB, db *sql.DB, query string, args ...any) string {
	t.Helper()
	var value string
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// messages is the projection under test, where a real one is needed.
func messages() projections.Projection { return state.Projection() }

const tallySQL = `
	CREATE TABLE tally (
		type text COLLATE "C" PRIMARY KEY,
		events bigint NOT NULL
	)`

// tally counts events by type: the smallest projection, which lets a test in before each batch.
func tally(t testing.TB, l *eventstore.Log, before func([]domain.Event) error) projections.Projection {
	t.Helper()
	exec(t, l.DB(), tallySQL)
	return tallyOf(1, before)
}

func tallyOf(version int, before func([]domain.Event) error) projections.Projection {
	return projections.Projection{
		Name: "tally", Version: version, Tables: []string{"tally"},
		Apply: func(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
			if before != nil {
				if err := before(events); err != nil {
					return err
				}
			}
			const query = `
				INSERT INTO tally (type, events) VALUES ($1, 1)
				ON CONFLICT (type) DO UPDATE SET events = tally.events + 1`
			for _, e := range events {
				if _, err := tx.ExecContext(ctx, query, string(e.Type)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// eventually asks again and again whether something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-time.After(time.Millisecond):
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
