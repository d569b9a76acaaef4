package main

import (
	"database/sql"
	"testing"

	"chainmail/eventstore/replicatest"
)

// A server with both addresses goes on with the new primary by itself, projections and sessions included, though the old one lives
// on and answers; until then it says that it is unavailable.
func TestFailover(t *testing.T) {
	t.Parallel()
	pair := replicatest.Start(t, replicatest.Options{})
	m := onDatabase(t, pair.URL("chainmail"))
	ann := m.must("user", "add", "Ann")
	token := m.must("token", ann)
	s := m.serve("--listen", "127.0.0.1:0", "--rate-limit", "0")
	s.call(token, "POST", "/api/projects", `{"title":"Before"}`, 201)
	pair.Await(t)
	pair.First.ReadOnly(t)
	if status, body := s.ask(token, "POST", "/api/projects", `{"title":"Refused"}`, ""); status != 503 {
		t.Errorf("a project in a read-only database: %d %s", status, body)
	}
	if status, body := s.ask("", "POST", "/api/auth/nonce", `{"address":"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}`, ""); status != 503 {
		t.Errorf("a login in a read-only database: %d %s", status, body)
	}
	pair.Second.Promote(t)
	eventually(t, "the server finds the new primary", func() bool {
		status, body := s.ask(token, "POST", "/api/projects", `{"title":"After"}`, "")
		if status != 201 && status != 503 {
			t.Fatalf("got %d %s", status, body)
		}
		return status == 201
	})
	db, err := sql.Open("postgres", pair.Second.URL("chainmail"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	eventually(t, "the new primary's tables", func() bool {
		var projects int
		return db.QueryRow(`SELECT count(*) FROM projects`).Scan(&projects) == nil && projects == 2
	})
	s.awaitReady(200, `"status":"ready"`)
}
