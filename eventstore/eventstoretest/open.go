// Package eventstoretest gives a test a log that runs as long as the test.
package eventstoretest

import (
	"context"
	"log/slog"
	"testing"

	"chainmail/eventstore"
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
	l, err := eventstore.Open(t.Context(), dsn, slog.New(slog.DiscardHandler))
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
