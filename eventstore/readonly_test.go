package eventstore_test

import (
	"context"
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

// patience is how long a test waits for what has to come, on a machine that is busy.
const patience = 3 * time.Minute

func waitUntil(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain", patience)
		}
	}
}

// A commit that is made to end while it waits for the synchronous standby is in the log, but not acknowledged before the standby has it.
func TestALostAnswerWaitsForTheStandby(t *testing.T) {
	t.Parallel()
	pair := replicatest.Start(t, replicatest.Options{Synchronous: true})
	l := eventstoretest.Open(t, pair.First.URL("chainmail"))
	if _, err := l.Append(t.Context(), message(newID(), newID(), "before")); err != nil {
		t.Fatal(err)
	}
	admin, err := sql.Open("postgres", pair.First.URL("chainmail"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	waits := func(query string) (pid int) {
		const waiting = `
			SELECT coalesce(max(pid), 0)
			FROM pg_stat_activity
			WHERE wait_event = 'SyncRep' AND query LIKE '%' || $1 || '%'`
		if err := admin.QueryRow(waiting, query).Scan(&pid); err != nil {
			t.Error(err)
		}
		return pid
	}
	pair.Second.Stop(t)
	answer := make(chan error, 1)
	go func() { // ends with the log at the latest
		_, err := l.Append(context.Background(), message(newID(), newID(), "not replicated"))
		answer <- err
	}()
	pid := 0
	waitUntil(t, func() bool { pid = waits("append_events"); return pid > 0 })
	if _, err := admin.Exec(`SELECT pg_terminate_backend($1)`, pid); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, func() bool {
		select {
		case err := <-answer:
			t.Fatalf("answered while the standby lacks it: %v", err)
		default:
		}
		return waits("pg_logical_emit_message") > 0
	})
	pair.Second.Start(t)
	if err := <-answer; err != nil {
		t.Errorf("the standby is back: %v", err)
	}
}
