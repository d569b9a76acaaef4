package projections_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/eventstore/pgarray"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

// quick are settings with which a test needs no patience.
var quick = projections.Settings{
	BatchSize: 20, Pause: time.Millisecond, Poll: 50 * time.Millisecond,
	FirstRetry: 5 * time.Millisecond, LastRetry: 20 * time.Millisecond,
}

// patience is how long a test waits for what has to come, on a machine that is busy.
const patience = 3 * time.Minute

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

// appendEvents appends n events of no matter what.
func appendEvents(t testing.TB, l *eventstore.Log, n int) {
	t.Helper()
	for range n {
		user := newID()
		eventstoretest.Append(t, l, domain.Decision{
			Actor:  domain.Actor{ID: user, Auth: domain.AuthToken},
			Drafts: []domain.Draft{{Stream: domain.GuardStream(user), Data: &domain.UserBlocked{UserID: user, BlockedID: newID()}}},
		})
	}
}

// insertEvent puts a row into the log past eventstore.
func insertEvent(t testing.TB, db *sql.DB, position domain.Position, ofType, payload string) {
	t.Helper()
	const query = `
		INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		VALUES ($1, gen_random_uuid(), 'log', $1, $2, $3, '{"schema_version":1,"auth":"system"}', now(), sha256(''))`
	if _, err := db.ExecContext(t.Context(), query, int64(position), ofType, payload); err != nil {
		t.Fatal(err)
	}
}

// journal is a projection that writes down each position, so that what was lost, doubled or out of
// order shows.
func journal(t testing.TB, db *sql.DB, name string, apply func(context.Context, *sql.Tx, []domain.Event) error) projections.Projection {
	t.Helper()
	query := fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (nth bigserial, position bigint)`, name)
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
	return projections.Projection{
		Name: name, Version: 1, Tables: []string{name},
		Apply: func(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
			positions := make([]domain.Position, len(events))
			for i, e := range events {
				positions[i] = e.Position
			}
			insert := fmt.Sprintf(`INSERT INTO %s (position) SELECT p FROM unnest($1::bigint[]) WITH ORDINALITY AS x (p, n) ORDER BY n`, name)
			if _, err := tx.ExecContext(ctx, insert, pgarray.Int8s(positions)); err != nil {
				return err
			}
			return apply(ctx, tx, events)
		},
	}
}

func nothing(context.Context, *sql.Tx, []domain.Event) error { return nil }

// wantJournal fails unless the journal holds 1 to n, each once and in order.
func wantJournal(t testing.TB, db *sql.DB, name string, n int) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), fmt.Sprintf(`SELECT position FROM %s ORDER BY nth`, name))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got, want []int
	for rows.Next() {
		var p int
		if err := rows.Scan(&p); err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	for i := range n {
		want = append(want, i+1)
	}
	if err := rows.Err(); err != nil || !slices.Equal(got, want) {
		t.Errorf("%s has %v (%v), want 1 to %d", name, got, err, n)
	}
}

// run starts a runner and returns what stops it, which is called at the latest when the test ends.
func run(t testing.TB, r *projections.Runner) (stop func()) {
	t.Helper()
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
	return stop
}

func start(t testing.TB, l projections.Log, s projections.Settings, logger *slog.Logger, list ...projections.Projection) *projections.Runner {
	t.Helper()
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	r := projections.New(l, s, logger, list...)
	run(t, r)
	return r
}

func wait(t testing.TB, r *projections.Runner, projection string, position domain.Position) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		err := r.Wait(ctx, projection, position)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%v; status %+v", err, r.Status())
		}
	}
}

// until asks again and again whether something holds.
func until(t testing.TB, what string, holds func() bool) {
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

// told counts what was logged at a level or above.
type told struct {
	mu      sync.Mutex
	records []slog.Record // guarded by mu
}

func (l *told) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (l *told) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r)
	return nil
}

func (l *told) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *told) WithGroup(string) slog.Handler      { return l }

func (l *told) errors() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, r := range l.records {
		if r.Level >= slog.LevelError {
			n++
		}
	}
	return n
}

// giveLeaseToAll makes the runner's lease one that everybody gets: somebody else's function of the lock's name is
// found first, and always says yes.
func giveLeaseToAll(t testing.TB, db *sql.DB) {
	t.Helper()
	for _, query := range []string{
		`CREATE SCHEMA careless`,
		`CREATE FUNCTION careless.pg_try_advisory_xact_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
		`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = careless, pg_catalog, public', current_database()); END $$`,
	} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
}
