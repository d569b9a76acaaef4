package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
)

// TestDatabaseAway takes the database away and gives it back.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	id := ann.group("team", bob)
	var name string
	if err := w.log.DB().QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	elsewhere := pgtest.Empty(t).SQL
	allow := func(yes bool) {
		t.Helper()
		// The name is pgtest's: letters, digits and underscores.
		if _, err := elsewhere.ExecContext(t.Context(), fmt.Sprintf(`ALTER DATABASE %s ALLOW_CONNECTIONS %t`, name, yes)); err != nil {
			t.Fatal(err)
		}
	}
	allow(false)
	const end = `SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity WHERE datname = $1`
	if _, err := elsewhere.ExecContext(t.Context(), end, name); err != nil {
		t.Fatal(err)
	}
	before := w.log.Head()
	for _, path := range []string{"/api/me", "/api/conversations", "/api/conversations/" + id, "/api/conversations/" + id + "/messages"} {
		ann.get(path).want(http.StatusServiceUnavailable).problem(http.StatusServiceUnavailable, "unavailable", "")
	}
	body := object{"content": "hello"}
	path := "/api/conversations/" + id + "/messages"
	if r := ann.post(path, body, "Idempotency-Key", "k"); r.status != http.StatusServiceUnavailable { // or not known
		t.Errorf("a send: got %d %s", r.status, r.raw)
	}
	ann.post(path, body, "Idempotency-Key", "k").want(http.StatusServiceUnavailable).
		problem(http.StatusServiceUnavailable, "unavailable", "")
	allow(true)
	deadline := time.After(time.Minute)
	for {
		r := ann.post(path, body, "Idempotency-Key", "k")
		if r.status == http.StatusCreated {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("the database is back: got %d %s", r.status, r.raw)
		case <-time.After(50 * time.Millisecond): // its return makes no signal
		}
	}
	if got := w.log.Head(); got != before+1 {
		t.Errorf("%d events were stored, want one", got-before)
	}
}
