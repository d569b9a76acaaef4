package batches_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/tlog"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
	"chainmail/projections/batches"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

// forest is the whole truth about a tree: every hash, kept by tlog.
type forest struct{ stored []tlog.Hash }

// ReadHashes implements tlog.HashReader.
func (f *forest) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = f.stored[index]
	}
	return hashes, nil
}

func (f *forest) add(t testing.TB, index int64, leaf tlog.Hash) {
	t.Helper()
	hashes, err := tlog.StoredHashesForRecordHash(index, leaf, f)
	if err != nil {
		t.Fatal(err)
	}
	f.stored = append(f.stored, hashes...)
}

func (f *forest) root(t testing.TB, size int64) merkle.Hash {
	t.Helper()
	root, err := tlog.TreeHash(size, f)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// leafAt is the leaf hash that fill gives a position.
func leafAt(position int64) merkle.Hash { return merkle.LeafHash(fmt.Append(nil, "leaf ", position)) }

const fillSQL = `
	INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
	SELECT p, '01234567-89ab-7cde-8123-456789abcdef', 'log', p, 'UserBlocked', '{}', '{}', now(),
		sha256('\x00'::bytea || convert_to('leaf ' || p, 'UTF8'))
	FROM generate_series($1::bigint, $2) AS p`

// fill makes a database whose log has so many events, of which nothing but their leaf hashes makes sense, and
// the tree over them.
func fill(t testing.TB, size int64) (*sql.DB, *forest) {
	t.Helper()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	exec(t, db, fillSQL, 1, size)
	f := new(forest)
	for index := range size {
		f.add(t, index, leafAt(index+1))
	}
	return db, f
}

func exec(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// sealAt is a seal over the first size leaves, as it stands in the log.
func sealAt(t testing.TB, at domain.Position, before, size int64, root merkle.Hash) domain.Event {
	t.Helper()
	d := &domain.MerkleBatchSealed{
		TreeSize: size, RootHash: hex.EncodeToString(root[:]),
		FirstPosition: domain.Position(before + 1), LastPosition: domain.Position(size),
		Checkpoint: fmt.Sprintf("example.org/log\n%d\n%s\n\n— signed\n", size, root),
	}
	return event(t, at, d)
}

func event(t testing.TB, at domain.Position, d domain.Data) domain.Event {
	t.Helper()
	encoded, err := domain.Encode(d, domain.Actor{Auth: domain.AuthSystem})
	if err != nil {
		t.Fatal(err)
	}
	return domain.Event{
		Position: at, Stream: domain.SealStream, Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata,
		RecordedAt: time.Date(2026, 1, 1, 0, 0, int(at), 0, time.UTC),
	}
}

// seals cuts a log of size leaves into random batches; the last seal covers all.
func seals(t testing.TB, f *forest, size int64, random *rand.Rand) []domain.Event {
	t.Helper()
	var list []domain.Event
	for before := int64(0); before < size; {
		next := min(size, before+1+random.Int64N(max(1, size/3)))
		list = append(list, sealAt(t, domain.Position(next+1), before, next, f.root(t, next)))
		before = next
	}
	return list
}

// apply runs Apply in a transaction, with the settings that the runner has.
func apply(t testing.TB, db *sql.DB, events ...domain.Event) error {
	t.Helper()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, set := range []string{`SET LOCAL plan_cache_mode = force_generic_plan`, `SET LOCAL enable_seqscan = off`} {
		if _, err := tx.ExecContext(context.Background(), set); err != nil {
			t.Fatal(err)
		}
	}
	if err := batches.Apply(context.Background(), tx, events); err != nil {
		return err
	}
	return tx.Commit()
}

// table is what a query gives, as text, a row a line.
func table(t testing.TB, db *sql.DB, query string) string {
	t.Helper()
	var text string
	wrapped := fmt.Sprintf(`SELECT coalesce(string_agg(r::text, E'\n'), '') FROM (%s) AS r`, query)
	if err := db.QueryRowContext(t.Context(), wrapped).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

const (
	allBatches = `SELECT * FROM merkle_batches ORDER BY tree_size`
	allNodes   = `SELECT * FROM merkle_nodes ORDER BY level, index`
)
