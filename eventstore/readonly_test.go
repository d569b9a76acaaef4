package eventstore_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/lib/pq"

	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/eventstore/replicatest"
)

// A log goes on with the new primary though the old one lives on, read-only, with all connections open.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	pair := replicatest.Start(t, replicatest.Options{})
	l := eventstoretest.Open(t, pair.URL("chainmail"))
	if _, err := l.Append(t.Context(), message(newID(), newID(), "before")); err != nil {
		t.Fatal(err)
	}
	pair.Await(t)
	readOnlyConnections(t, l.DB())
	beginOnAStandby(t, pair.Second.URL("chainmail"))
	pair.First.ReadOnly(t)
	waitUntil(t, func() bool { return errors.Is(l.Check(t.Context()), eventstore.ErrUnavailable) })
	if _, err := l.Append(t.Context(), message(newID(), newID(), "refused")); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("a read-only database: got %v, want ErrUnavailable", err)
	}
	pair.Second.Promote(t)
	if _, err := l.Append(t.Context(), message(newID(), newID(), "after")); err != nil {
		t.Fatalf("the first try with a new primary: %v", err) // what was connected to the old one is not used again
	}
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if n := readOnlyConnections(t, l.DB()); n > 0 {
		t.Errorf("%d of the pool's connections are still to the old primary", n)
	}
	other := eventstoretest.Open(t, pair.Second.URL("chainmail"))
	if events, err := other.Read(t.Context(), 0, 10); err != nil || len(events) != 2 {
		t.Errorf("%d events are in the new primary's log, %v, want 2", len(events), err)
	}
	wake, stop := l.Wakeups()
	defer stop()
	if _, err := other.Append(t.Context(), message(newID(), newID(), "another's")); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, func() bool { <-wake; return l.Head() == 3 })
}

// readOnlyConnections takes several of a pool's connections, makes those that there are not, and counts those that take no writes.
func readOnlyConnections(t *testing.T, db *sql.DB) (count int) {
	t.Helper()
	for range 6 {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var readOnly bool
		if err := conn.QueryRowContext(t.Context(), `SELECT current_setting('transaction_read_only')::boolean`).Scan(&readOnly); err != nil {
			t.Fatal(err)
		}
		if readOnly {
			count++
		}
	}
	return count
}

// A standby refuses the driver's BEGIN READ WRITE with a code of its own; it is one like all others to callers.
func beginOnAStandby(t *testing.T, dsn string) {
	t.Helper()
	db, err := eventstore.OpenDB(dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.BeginTx(t.Context(), nil)
	var refused *pq.Error
	if !errors.As(err, &refused) || refused.Code != "25006" {
		t.Errorf("a transaction on a standby: got %v, want 25006", err)
	}
}

func waitUntil(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited a minute in vain")
		}
	}
}
