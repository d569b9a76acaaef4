package projections_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
)

// unblocks is a journal of one type.
func unblocks(t testing.TB, db *sql.DB, name string, apply func(context.Context, *sql.Tx, []domain.Event) error) projections.Projection {
	t.Helper()
	p := journal(t, db, name, func(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
		if n := len(events); n == 0 || n > quick.BatchSize {
			t.Errorf("Apply got %d events", n)
		}
		for _, e := range events {
			if e.Type != domain.TypeUserUnblocked {
				t.Errorf("Apply got %s at %d", e.Type, e.Position)
			}
		}
		return apply(ctx, tx, events)
	})
	p.Types = []domain.Type{domain.TypeUserUnblocked}
	return p
}

// insertTypes puts rows into the log past eventstore: a UserBlocked for each other byte and a UserUnblocked for each x.
func insertTypes(t testing.TB, db *sql.DB, after domain.Position, pattern string) {
	t.Helper()
	const query = `
		INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		SELECT $1 + n, gen_random_uuid(), 'log', $1 + n, CASE c WHEN 'x' THEN 'UserUnblocked' ELSE 'UserBlocked' END,
			'{}', '{"schema_version":1,"auth":"system"}', now(), sha256('')
		FROM unnest(string_to_array($2, NULL)) WITH ORDINALITY AS x (c, n)`
	if _, err := db.ExecContext(t.Context(), query, int64(after), pattern); err != nil {
		t.Fatal(err)
	}
}

// wantOf fails unless the journal holds these positions, each once and in order.
func wantOf(t testing.TB, db *sql.DB, name string, want ...domain.Position) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), fmt.Sprintf(`SELECT position FROM %s ORDER BY nth`, name))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []domain.Position
	for rows.Next() {
		var p domain.Position
		if err := rows.Scan(&p); err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	if err := rows.Err(); err != nil || !slices.Equal(got, want) {
		t.Errorf("%s has %v (%v), want %v", name, got, err, want)
	}
}

// positionsOf are where a pattern has an x.
func positionsOf(pattern string) (positions []domain.Position) {
	for i, c := range []byte(pattern) {
		if c == 'x' {
			positions = append(positions, domain.Position(i+1))
		}
	}
	return positions
}

// Apply gets the events of its types and no others, and the offset gets past all.
func TestTypes(t *testing.T) {
	t.Parallel()
	const window = 10_000
	none := strings.Repeat(".", window)
	tests := map[string]string{
		"among others":            "..x..xx.x.",
		"at both ends":            "x....x",
		"alone":                   "x",
		"no other":                strings.Repeat("x", 90),
		"more than a batch":       strings.Repeat("x.", 90) + ".",
		"a batch and its last":    strings.Repeat("x", 20) + ".",
		"none":                    "......",
		"none in a full window":   none,
		"none in three windows":   none + none + ".",
		"last of a window":        none[1:] + "x",
		"first after a window":    none + "x",
		"on both sides of a line": none[1:] + "xx" + none[2:] + "xx.",
	}
	for name, pattern := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := eventstoretest.Open(t, pgtest.New(t).DSN)
			insertTypes(t, l.DB(), 0, pattern)
			settings := quick
			settings.Poll = time.Hour // what there is needs no waking
			r := start(t, l, settings, nil, unblocks(t, l.DB(), "one", nothing))
			wait(t, r, "one", domain.Position(len(pattern)))
			wantOf(t, l.DB(), "one", positionsOf(pattern)...)
			if s := r.Status()[0]; s.Position != domain.Position(len(pattern)) || s.Stuck != "" {
				t.Errorf("status %+v", s)
			}
		})
	}
}

func TestTypesAsTheyCome(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	r := start(t, l, quick, nil, unblocks(t, l.DB(), "one", nothing), journal(t, l.DB(), "every", nothing))
	pattern := ""
	for _, more := range []string{".", "x", "...", ".x", "xx", "....x...."} {
		insertTypes(t, l.DB(), domain.Position(len(pattern)), more)
		pattern += more
		wait(t, r, "one", domain.Position(len(pattern)))
		wantOf(t, l.DB(), "one", positionsOf(pattern)...)
	}
	wait(t, r, "every", domain.Position(len(pattern)))
	wantJournal(t, l.DB(), "every", len(pattern))
}

// appendToggles appends n events, by turns that somebody is blocked and that he isn't.
func appendToggles(t testing.TB, l *eventstore.Log, n int) {
	t.Helper()
	user, other := newID(), newID()
	for i := range n {
		data := domain.Data(&domain.UserBlocked{UserID: user, BlockedID: other})
		if i%2 == 1 {
			data = &domain.UserUnblocked{UserID: user, BlockedID: other}
		}
		_, err := l.Append(t.Context(), domain.Decision{
			Actor:  domain.Actor{ID: user, Auth: domain.AuthToken},
			Drafts: []domain.Draft{{Stream: domain.GuardStream(user), Data: data}},
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// readPositions are those of the log's events of a type.
func readPositions(t testing.TB, db *sql.DB, ofType domain.Type) (positions []domain.Position) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT position FROM events WHERE type = $1 ORDER BY position`, string(ofType))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var p domain.Position
		if err := rows.Scan(&p); err != nil {
			t.Fatal(err)
		}
		positions = append(positions, p)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return positions
}

// Two servers at once, with appends under way: nothing is lost, doubled or out of order.
func TestTypesOnTwoServers(t *testing.T) {
	t.Parallel()
	for _, careless := range []bool{false, true} {
		t.Run(fmt.Sprintf("without lease %t", careless), func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.New(t).DSN
			a := eventstoretest.Open(t, dsn)
			if careless {
				giveLeaseToAll(t, a.DB())
			}
			p := unblocks(t, a.DB(), "one", nothing)
			var runners []*projections.Runner
			for range 2 {
				runners = append(runners, start(t, eventstoretest.Open(t, dsn), quick, nil, p))
			}
			var group sync.WaitGroup
			for range 3 {
				group.Go(func() { appendToggles(t, a, 60) })
			}
			group.Wait()
			for _, r := range runners {
				wait(t, r, "one", 180)
			}
			wantOf(t, a.DB(), "one", readPositions(t, a.DB(), domain.TypeUserUnblocked)...)
		})
	}
}

// A commit that fails at any step is as if it had not been tried.
func TestTypesKilledAtAnyStep(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	var calls atomic.Int32
	p := unblocks(t, l.DB(), "one", func(ctx context.Context, tx *sql.Tx, _ []domain.Event) error {
		switch n := calls.Add(1); {
		case n > 20:
			return nil
		case n%3 == 0:
			return driver.ErrBadConn
		case n%3 == 1:
			_, _ = tx.ExecContext(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`) // and not noticed
		}
		return nil
	})
	r := start(t, l, quick, nil, p)
	pattern := strings.Repeat("..x.x", 40)
	insertTypes(t, l.DB(), 0, pattern)
	wait(t, r, "one", domain.Position(len(pattern)))
	wantOf(t, l.DB(), "one", positionsOf(pattern)...)
}

// An event that cannot be applied stops the projection right before it: those before it take effect, and the
// events of other types up to it are passed.
func TestTypesStuck(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	var healed atomic.Bool
	var attempts atomic.Int32
	p := unblocks(t, l.DB(), "one", func(_ context.Context, _ *sql.Tx, events []domain.Event) error {
		attempts.Add(1)
		if !healed.Load() && slices.ContainsFunc(events, func(e domain.Event) bool { return e.Position == 13 }) {
			return errors.New("unlucky")
		}
		return nil
	})
	const pattern = ".x.x........x..x.xx.."
	insertTypes(t, l.DB(), 0, pattern)
	r := start(t, l, quick, nil, p)
	until(t, "the projection is stuck", isStuck(r, 0))
	tried := attempts.Load()
	until(t, "it tries again", func() bool { return attempts.Load() > tried+3 })
	wantOf(t, l.DB(), "one", 2, 4)
	s := r.Status()[0]
	if s.Position != 12 || s.FailedPosition != 13 || !strings.Contains(s.Stuck, "UserUnblocked cannot be applied: unlucky") {
		t.Errorf("status %+v, want stuck at 13 after 12", s)
	}
	wait(t, r, "one", 12)
	if err := r.Wait(t.Context(), "one", 13); !errors.Is(err, projections.ErrStuck) {
		t.Errorf("Wait: %v, want ErrStuck", err)
	}
	healed.Store(true)
	wait(t, r, "one", domain.Position(len(pattern)))
	wantOf(t, l.DB(), "one", positionsOf(pattern)...)
	if s := r.Status()[0]; s.Stuck != "" {
		t.Errorf("status %+v", s)
	}
}

// The pause is the projection's own if it has one.
func TestPause(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	settings := quick
	settings.Poll, settings.Pause = time.Hour, time.Hour
	p := journal(t, l.DB(), "one", nothing)
	p.Pause = time.Millisecond
	r := start(t, l, settings, nil, p)
	for i := 1; i <= 3; i++ {
		appendEvents(t, l, 1)
		wait(t, r, "one", domain.Position(i))
	}
}

// The offset of a projection may go back, with its rows: its commits need not wait for the disk, so a crash of the database may
// lose some, while the log keeps its events. What this process knows to be applied isn't, then, and is applied again.
func TestTypesAfterACrashOfTheDatabase(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	insertTypes(t, l.DB(), 0, "x..x")
	p := unblocks(t, l.DB(), "one", nothing)
	r := start(t, l, quick, slog.New(slog.DiscardHandler), p)
	wait(t, r, "one", 4)
	tx, err := l.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, statement := range []string{
		`UPDATE projection_offsets SET position = 1`,
		`DELETE FROM one WHERE position > 1`,
		`INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		SELECT 5, gen_random_uuid(), 'log', 5, 'UserUnblocked', payload, metadata, now(), leaf_hash
		FROM events
		WHERE position = 1`,
		`SELECT pg_notify('chainmail_events', '5')`,
	} {
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	wait(t, r, "one", 5)
	wantOf(t, l.DB(), "one", 1, 4, 5)
}
