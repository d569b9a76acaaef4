package main

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
)

// Through PgBouncer in transaction mode a server does what it does without: nothing is lost or doubled though connections are
// cut in mid append, and the commands work beside it.
func TestPooler(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pooler := pgtest.StartPooler(t, db.DSN)
	m := onDatabase(t, db.DSN)
	m.env = append(m.env, "CHAINMAIL_DATABASE_URL="+pooler.URL(db.DSN), "CHAINMAIL_DIRECT_DATABASE_URL=")
	if _, stderr, status := m.run("user", "list"); status == 0 || !strings.Contains(stderr, "--direct-database-url") {
		t.Errorf("without the direct address: status %d, said %s", status, stderr)
	}
	other := pgtest.New(t)
	m.env = append(m.env, "CHAINMAIL_DIRECT_DATABASE_URL="+other.DSN)
	if _, stderr, status := m.run("user", "list"); status == 0 || !strings.Contains(stderr, "two databases") {
		t.Errorf("with another database's: status %d, said %s", status, stderr)
	}
	m.env = append(m.env, "CHAINMAIL_DIRECT_DATABASE_URL="+db.DSN)
	ann, bob := m.must("user", "add", "Ann"), m.must("user", "add", "Bob")
	annToken, bobToken := m.must("token", ann), m.must("token", bob)
	s := m.serve("--listen", "127.0.0.1:0", "--rate-limit", "0", "--database-max-connections", "10", "--batch-interval", "50ms")
	conversation := s.startGroup(annToken, []string{bob})
	sent := make(chan struct{})
	var group sync.WaitGroup
	for writer := range 4 {
		group.Go(func() { s.insist(annToken, "/api/conversations/"+conversation+"/messages", writer, 25) })
	}
	go func() { group.Wait(); close(sent) }() // the loop waits for it
	most := cutUntil(t, db.SQL, sent)
	if most > 10 {
		t.Errorf("%d connections were open at once, want at most 10", most)
	}
	eventually(t, "each message is in the tables once", func() bool {
		var all, distinct int
		const query = `SELECT count(*), count(DISTINCT content) FROM messages`
		return db.SQL.QueryRow(query).Scan(&all, &distinct) == nil && all == 100 && distinct == 100
	})
	if status, body := s.ask(bobToken, "GET", "/api/conversations/"+conversation+"/messages", "", ""); status != 200 || !strings.Contains(body, "3-24") {
		t.Errorf("Bob reads: %d %s", status, body)
	}
	m.must("rebuild")
	m.must("rebuild", "--verify")
	m.must("replay")
	examined(t, m)
}

// insist sends messages under keys of their own, each until it is stored.
func (s *served) insist(token, path string, writer, count int) {
	for i := range count {
		name := fmt.Sprintf("%d-%d", writer, i)
		for deadline := time.Now().Add(patience); ; {
			status, body := s.ask(token, "POST", path, `{"content":"`+name+`"}`, name)
			if status < 300 {
				break
			}
			if status < 500 || time.Now().After(deadline) {
				s.t.Errorf("message %s: %d %s", name, status, body)
				return
			}
		}
	}
}

// cutUntil ends a connection that is appending, again and again, and returns how many were open at most.
func cutUntil(t *testing.T, db *sql.DB, done <-chan struct{}) (most int) {
	t.Helper()
	const (
		count = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
		cut   = `
			SELECT count(pg_terminate_backend(pid))
			FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%append_events%'`
	)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	cuts := 0
	for {
		var open, n int
		if err := db.QueryRow(count).Scan(&open); err != nil {
			t.Fatal(err)
		}
		most = max(most, open)
		select {
		case <-done:
			if cuts == 0 {
				t.Error("no connection was cut")
			}
			return most
		case <-tick.C:
			if cuts < 5 {
				if err := db.QueryRow(cut).Scan(&n); err != nil {
					t.Fatal(err)
				}
				cuts += n
			}
		}
	}
}
