package main

import (
	"sync"
	"testing"

	"chainmail/migrations/pgtest"
)

// Under load a server opens no more connections than it may, and answers all the same.
func TestDatabaseMaxConnections(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	ann := m.must("user", "add", "Ann")
	token := m.must("token", ann)
	s := m.serve("--listen", "127.0.0.1:0", "--database-max-connections", "10", "--rate-limit", "0")
	var group sync.WaitGroup
	for range 15 { // more than there are connections
		group.Go(func() {
			for range 10 {
				if status, body := s.ask(token, "GET", "/api/conversations", "", ""); status != 200 {
					t.Errorf("got %d %s", status, body)
				}
				if status, body := s.ask(token, "POST", "/api/projects", `{"title":"Bridge"}`, ""); status != 201 {
					t.Errorf("got %d %s", status, body)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }() // the loop waits for it
	const query = `
		SELECT count(*)
		FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
	most := 0
	for under := true; under; {
		select {
		case <-done:
			under = false
		default:
		}
		var open int
		if err := db.SQL.QueryRowContext(t.Context(), query).Scan(&open); err != nil {
			t.Fatal(err)
		}
		most = max(most, open)
	}
	if most > 10 || most < 3 {
		t.Errorf("%d connections were open at once, want at most 10", most)
	}
	if _, stderr, status := m.run("serve", "--database-max-connections", "9"); status != 2 || stderr == "" {
		t.Errorf("with too few: got %d %s", status, stderr)
	}
}
