package sealer_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/logkey"
	"chainmail/eventstore/sealer"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

// benchSize is a variable with the size of the long log, if it is not to be ten million events.
const benchSize = "CHAINMAIL_BENCH_LOG_SIZE"

// BenchmarkSeal seals batches of 1,000 events, by turns in a log of ten thousand and in a long one, and reports the ratio of the
// medians. An iteration is one batch in each. Making the long log takes some minutes.
func BenchmarkSeal(b *testing.B) {
	size := 10_000_000
	if text := os.Getenv(benchSize); text != "" {
		var err error
		if size, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	short, long := newSealed(b, 10_000), newSealed(b, size)
	var inShort, inLong []time.Duration
	for b.Loop() {
		inShort = append(inShort, short.sealBatch())
		inLong = append(inLong, long.sealBatch())
	}
	b.ReportMetric(median(inShort).Seconds()*1000, "ms/seal-10k")
	b.ReportMetric(median(inLong).Seconds()*1000, "ms/seal-long")
	b.ReportMetric(float64(median(inLong))/float64(median(inShort)), "ratio")
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// sealed is a log of a certain length, all of it sealed.
type sealed struct {
	*server
	sealer *sealer.Sealer
}

// batchEvents is how many events are sealed at a time, besides the seal before.
const batchEvents = 1000

func newSealed(b *testing.B, size int) *sealed {
	b.Helper()
	db := pgtest.New(b)
	tree := fillLog(b, db.SQL, size)
	key := newKey(b)
	s := &sealed{server: newServer(b, db.DSN)}
	s.appendSeal(tree, key)
	settings := sealer.Settings{BatchSize: batchEvents + 1, Interval: time.Hour, Patience: time.Nanosecond}
	s.sealer = sealer.New(s.log, s.view, fixedTree{tree}, key.Verifier, newRing(key).find, settings, slog.New(slog.DiscardHandler))
	for range 3 { // takes the log up, and becomes the one that sealed last
		s.sealBatch()
	}
	// At ten million events a partition begins, and the tests' PostgreSQL does not analyse by itself.
	if _, err := db.SQL.ExecContext(b.Context(), `ANALYZE events`); err != nil {
		b.Fatal(err)
	}
	return s
}

// fixedTree is a tree of one size.
type fixedTree struct{ tree merkle.Range }

func (f fixedTree) Range(context.Context, int64) (merkle.Range, error) { return f.tree.Clone(), nil }

// fillLog writes cheap events, and returns the tree over them.
func fillLog(b *testing.B, db *sql.DB, size int) merkle.Range {
	b.Helper()
	const fill = `
		INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		SELECT n, gen_random_uuid(), 'receipts-' || n / 1000, n, 'MessageDelivered', '{}', '{}',
			timestamptz '2026-01-01 00:00:00Z' + n * interval '1 microsecond', sha256(int8send(n))
		FROM generate_series(1, $1::bigint) AS n`
	if _, err := db.ExecContext(b.Context(), fill, size); err != nil {
		b.Fatal(err)
	}
	if _, err := db.ExecContext(b.Context(), `VACUUM (ANALYZE) events`); err != nil {
		b.Fatal(err)
	}
	rows, err := db.QueryContext(b.Context(), `SELECT leaf_hash FROM events ORDER BY position`)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var tree merkle.Range
	for rows.Next() {
		var hash sql.RawBytes
		if err := rows.Scan(&hash); err != nil {
			b.Fatal(err)
		}
		tree.Append(merkle.Hash(hash))
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return tree
}

// appendSeal seals everything so far.
func (s *sealed) appendSeal(tree merkle.Range, key *logkey.Key) {
	s.t.Helper()
	checkpoint, err := merkle.Checkpoint{Origin: key.Origin(), Size: tree.Size(), Root: tree.Root()}.Sign(key)
	if err != nil {
		s.t.Fatal(err)
	}
	batch := domain.Batch{First: 1, Last: domain.Position(tree.Size()), Root: tree.Root(), Checkpoint: checkpoint}
	if _, err := s.log.Append(s.t.Context(), domain.NewState().Seal(batch)); err != nil {
		s.t.Fatal(err)
	}
}

// sealBatch appends a batch and returns how long it took to seal it.
func (s *sealed) sealBatch() time.Duration {
	s.t.Helper()
	for range 10 {
		s.append(batchEvents / 10)
	}
	s.awaitView()
	before := s.log.Head()
	start := time.Now()
	for s.log.Head() == before {
		s.step(s.sealer)
	}
	return time.Since(start)
}
