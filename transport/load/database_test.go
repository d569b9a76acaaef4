package load

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/migrations/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

// The run goes on once the projection that is behind most has applied the head, save one that can't go on.
func TestSettle(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	const offsets = `
		INSERT INTO projection_offsets (projection, version, position, updated_at, failure)
		VALUES ('slow', 1, 3, now(), NULL), ('quick', 1, 9, now(), NULL), ('stuck', 1, 1, now(), 'why')`
	if got, err := applied(t.Context(), db, 7); got != 7 || err != nil {
		t.Errorf("no projections: got %d, %v", got, err)
	}
	if _, err := db.ExecContext(t.Context(), offsets); err != nil {
		t.Fatal(err)
	}
	if got, err := applied(t.Context(), db, 9); got != 3 || err != nil {
		t.Errorf("got %d, %v, want the position of slow", got, err)
	}
	if got, err := head(t.Context(), db); got != 0 || err != nil {
		t.Errorf("head of an empty log: got %d, %v", got, err)
	}
}

func TestWritten(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	bytes, writes, err := written(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := db.ExecContext(t.Context(), `SELECT pg_current_xact_id()`); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE things (name text)`); err != nil {
		t.Fatal(err)
	}
	moreBytes, moreWrites, err := written(t.Context(), db)
	// Other tests may write in the same cluster.
	if err != nil || moreWrites < writes+6 || moreBytes <= bytes {
		t.Errorf("got %d transactions and %d bytes more, %v", moreWrites-writes, moreBytes-bytes, err)
	}
}

// Work in a backend shows in the figure for the whole of PostgreSQL, also once the backend has ended.
func TestPostgresCPU(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc")
	}
	db := pgtest.New(t).SQL
	pid, err := postmaster(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	before, err := treeCPU(pid)
	if err != nil {
		t.Fatal(err)
	}
	const work = `SELECT count(*) FROM generate_series(1, 1000000)`
	if _, err := db.ExecContext(t.Context(), work); err != nil {
		t.Fatal(err)
	}
	after, err := treeCPU(pid)
	if err != nil || after-before < 50*time.Millisecond {
		t.Errorf("got %s more, %v", after-before, err)
	}
	db.SetMaxIdleConns(0) // ends the backend
	if ended, err := treeCPU(pid); err != nil || ended < after-50*time.Millisecond {
		t.Errorf("got %s, %v after the backend's end, %s before", ended, err, after)
	}
}
