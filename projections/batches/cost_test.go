package batches_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/batches"
)

const messagesSQL = `
	INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
	SELECT p, '01234567-89ab-7cde-8123-456789abcdef', 'conversation-01234567-89ab-7cde-8123-456789abcdef', p, 'MessageSent',
		json_build_object('filler', repeat('x', 350)), json_build_object('schema_version', 1, 'filler', repeat('x', 100)), now(), sha256('')
	FROM generate_series($1::bigint, $2) AS p`

const sealsSQL = `
	INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
	VALUES ($1, '01234567-89ab-7cde-8123-456789abcdef', 'seals', $1, 'MerkleBatchSealed', $2, $3, now(), sha256(''))`

// BenchmarkProjection applies a log of 200,000 messages with a seal after every 1,023, read in the windows that a
// server under load reads. It reports processor time an event, of this process and of the database.
func BenchmarkProjection(b *testing.B) {
	const size = 200 * 1024
	for b.Loop() {
		b.StopTimer()
		l := eventstoretest.Open(b, pgtest.New(b).DSN)
		for first := int64(1); first < size; first += 1024 {
			exec(b, l.DB(), messagesSQL, first, first+1022)
			d := &domain.MerkleBatchSealed{
				TreeSize: first + 1022, RootHash: strings.Repeat("0", 64), Checkpoint: "x",
				FirstPosition: domain.Position(max(1, first-1)), LastPosition: domain.Position(first + 1022),
			}
			e := event(b, domain.Position(first+1023), d)
			exec(b, l.DB(), sealsSQL, first+1023, string(e.Payload), string(e.Metadata))
		}
		exec(b, l.DB(), `VACUUM ANALYZE events`)
		exec(b, l.DB(), `CHECKPOINT`)
		before := processorTime(b, l.DB())
		b.StartTimer()
		r := projections.New(l, projections.Settings{}, slog.New(slog.DiscardHandler), batches.Projection())
		ctx, stop := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		if err := r.Wait(ctx, batches.Name, size); err != nil {
			b.Fatal(err, r.Status())
		}
		b.StopTimer()
		used := processorTime(b, l.DB())
		stop()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64((used.client-before.client).Nanoseconds())/size, "client-ns/event")
		b.ReportMetric(float64((used.server-before.server).Nanoseconds())/size, "server-ns/event")
		b.ReportMetric(bytesUsed(b, l.DB())/size, "stored-bytes/event")
		b.StartTimer()
	}
}

// BenchmarkInclusion proves leaves of trees of two sizes: the cost follows the tree's height.
func BenchmarkInclusion(b *testing.B) {
	for _, size := range []int64{10_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			db, err := eventstore.OpenDB(pgtest.New(b).DSN)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			exec(b, db, fillSQL, 1, size)
			e := sealAt(b, domain.Position(size+1), 0, size, [32]byte{})
			if err := apply(b, db, e); err != nil {
				b.Fatal(err)
			}
			exec(b, db, `VACUUM ANALYZE events, merkle_nodes`)
			random := newRandom(b)
			for b.Loop() {
				if _, err := (batches.Tree{DB: db}).Inclusion(b.Context(), random.Int64N(size), size); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type processor struct{ client, server time.Duration }

// processorTime is that of this process so far, and that of the database's connections.
func processorTime(b *testing.B, db *sql.DB) (p processor) {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	p.client = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	rows, err := db.QueryContext(b.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database()`)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			b.Fatal(err)
		}
		p.server += pgtest.ProcessTime(pid)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return p
}

// bytesUsed is the size of the projection's tables and their indexes.
func bytesUsed(b *testing.B, db *sql.DB) (n float64) {
	b.Helper()
	const query = `SELECT pg_total_relation_size('merkle_nodes') + pg_total_relation_size('merkle_batches')`
	if err := db.QueryRowContext(b.Context(), query).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}
