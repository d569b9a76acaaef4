package eventstore_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// TestStreamsAreFoundByTheirIndex: statements are planned while the log is empty, and the plans are kept while it fills.
// None of them may then search the log by position for a stream, which costs as much as the log is long.
func TestStreamsAreFoundByTheirIndex(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if _, err := db.SQL.ExecContext(t.Context(), `ANALYZE events`); err != nil { // now PostgreSQL knows that it is empty
		t.Fatal(err)
	}
	const streams = 2_000
	withLog(t, db.DSN, func(log *eventstore.Log) {
		batch := make([]domain.Decision, 100)
		for range streams / len(batch) {
			for i := range batch {
				batch[i] = message(newID(), newID(), "m")
			}
			if _, err := log.Append(t.Context(), batch...); err != nil {
				t.Fatal(err)
			}
			stranger := domain.ConversationStream(newID())
			if _, err := log.ReadStream(t.Context(), stranger, 0, 10); err != nil {
				t.Fatal(err)
			}
			if _, _, err := log.ReadStreams(t.Context(), []domain.StreamID{stranger}, 0, streams, 10); err != nil {
				t.Fatal(err)
			}
			if _, err := log.Last(t.Context(), stranger); err != nil {
				t.Fatal(err)
			}
		}
	})
	// A session hands in its figures when it ends.
	const others = `
		SELECT count(*)
		FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
	for left := 1; left > 0; time.Sleep(time.Millisecond) {
		if err := db.SQL.QueryRowContext(t.Context(), others).Scan(&left); err != nil {
			t.Fatal(err)
		}
	}
	const figures = `
		SELECT t.n_tup_ins, i.idx_tup_read
		FROM pg_stat_user_tables AS t
		JOIN pg_stat_user_indexes AS i ON i.relid = t.relid AND i.indexrelname = 'events_000000_pkey'
		WHERE t.relname = 'events_000000'`
	var inserted, read int64
	if err := db.SQL.QueryRowContext(t.Context(), figures).Scan(&inserted, &read); err != nil {
		t.Fatal(err)
	}
	if inserted != streams || read > streams {
		t.Errorf("%d events were appended, and %d were read by position meanwhile", inserted, read)
	}
}

// withLog opens the log for as long as f runs.
func withLog(t *testing.T, dsn string, f func(*eventstore.Log)) {
	t.Helper()
	log, err := eventstore.Open(t.Context(), dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- log.Run(ctx) }()
	f(log)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}
