// Package eventstoretest gives a test a log that runs as long as the test.
package eventstoretest

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// Open opens the log of a migrated database and runs it. It is ended and closed with the test,
// after whatever the test registered for clean-up later.
func Open(t testing.TB, dsn string) *eventstore.Log {
	t.Helper()
	return OpenWith(t, dsn, func(*eventstore.Log) {})
}

// OpenWith is Open with something done to the log before it runs.
func OpenWith(t testing.TB, dsn string, prepare func(*eventstore.Log)) *eventstore.Log {
	t.Helper()
	l, err := OpenLog(t, dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	prepare(l)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run the log: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Errorf("close the log: %v", err)
		}
	})
	return l
}

// Append appends for a test that is about something else: where the database does not answer in time, as on a machine that is very
// busy, nothing was stored, and it tries again.
func Append(t testing.TB, l *eventstore.Log, decisions ...domain.Decision) []eventstore.Result {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		results, err := l.Append(t.Context(), decisions...)
		if err == nil {
			return results
		}
		again := errors.Is(err, eventstore.ErrUnavailable) && !errors.Is(err, eventstore.ErrCutShort)
		if !again || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// OpenLog opens the log of a database of package pgtest as a program would: through PgBouncer and directly, if the tests are
// told so (pgtest.Pooled). The caller closes it.
func OpenLog(t testing.TB, dsn string, logger *slog.Logger) (*eventstore.Log, error) {
	t.Helper()
	if pooled := pgtest.Pooled(t, dsn); pooled != "" {
		return eventstore.OpenBehind(t.Context(), pooled, dsn, logger)
	}
	return eventstore.Open(t.Context(), dsn, logger)
}

// OpenDB opens a pool as OpenLog opens a log. It is closed with the test.
func OpenDB(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	open := eventstore.OpenDB
	if pooled := pgtest.Pooled(t, dsn); pooled != "" {
		open, dsn = eventstore.OpenPooled, pooled
	}
	db, err := open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
