package replicatest_test

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/lib/pq"
	"go.uber.org/goleak"

	"chainmail/eventstore/replicatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func pool(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// What a synchronous standby confirmed outlives a crash of the primary, which then follows it.
func TestFailover(t *testing.T) {
	t.Parallel()
	p := replicatest.Start(t, replicatest.Options{Synchronous: true})
	first, second := pool(t, p.First.URL("chainmail")), pool(t, p.Second.URL("chainmail"))
	if _, err := first.Exec(`CREATE TABLE kept AS SELECT 1 AS n`); err != nil {
		t.Fatal(err)
	}
	p.Await(t) // it has confirmed the table, and shows it a little later
	var refused *pq.Error
	if _, err := second.Exec(`INSERT INTO kept VALUES (2)`); !errors.As(err, &refused) || refused.Code != "25006" {
		t.Errorf("a standby: got %v, want a refusal", err)
	}
	p.First.Crash(t)
	p.Second.Promote(t)
	if _, err := second.Exec(`INSERT INTO kept VALUES (2)`); err != nil {
		t.Error(err)
	}
	p.First.Follow(t, p.Second)
	p.First.Start(t)
	var recovers bool
	if err := first.QueryRow(`SELECT pg_is_in_recovery()`).Scan(&recovers); err != nil || !recovers {
		t.Errorf("the old primary: got %t, %v, want a standby", recovers, err)
	}
	p.Second.ReadOnly(t)
	if _, err := pool(t, p.Second.URL("chainmail")).Exec(`INSERT INTO kept VALUES (3)`); !errors.As(err, &refused) || refused.Code != "25006" {
		t.Errorf("made read-only: got %v, want a refusal", err)
	}
}
