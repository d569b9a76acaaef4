package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// fixture is the export of a small log, and its keys.
const (
	fixture     = "../../audit/testdata/export-1.jsonl"
	fixtureKeys = "../../audit/testdata/export-1.key"
)

// A server on an imported database goes on as if it were the old one: it knows who said what, and refuses what
// was sent before.
func TestImportedLogIsServed(t *testing.T) {
	t.Parallel()
	const (
		alice        = "01000000-0000-7000-8000-000000000003"
		conversation = "01000000-0000-7000-8000-00000000000a"
		sentAs       = "01000000-0000-7000-8000-00000000000b" // the client's name of the message that opened it
		message      = "01000000-0000-7000-8000-000000000009"
	)
	m := onDatabase(t, pgtest.Empty(t).DSN)
	m.must("import", fixture, "--log-key", fixtureKeys)
	s := m.serve("--listen", "127.0.0.1:0")
	s.awaitReady(200, `"status":"ready"`)
	token := m.must("token", alice)

	status, body := s.ask(token, "GET", "/api/conversations/"+conversation+"/messages", "", "")
	if status != 200 || !strings.Contains(body, `"content":"hello"`) || !strings.Contains(body, `not sealed\tyet`) {
		t.Errorf("history: %d %s", status, body)
	}
	path := "/api/conversations/" + conversation + "/messages"
	status, body = s.ask(token, "POST", path, `{"content":"hello"}`, sentAs)
	if status != 200 || !strings.Contains(body, `"duplicate":true`) || !strings.Contains(body, message) {
		t.Errorf("a repeat: %d %s", status, body)
	}
	if status, body = s.ask(token, "POST", path, `{"content":"other"}`, sentAs); status != 422 {
		t.Errorf("a repeat with other content: %d %s", status, body)
	}
	status, body = s.ask(token, "POST", path, `{"content":"on and on"}`, "")
	if status != 201 || !strings.Contains(body, `"position":23`) { // after the server's guard policy
		t.Errorf("what is new: %d %s", status, body)
	}
	if got := m.must("replay", "--from", "22"); !strings.Contains(got, `Alice → Bob   "on and on"`) || !strings.Contains(got, "no finding") {
		t.Errorf("replay says\n%s", got)
	}
	if status := s.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// ask asks the server for something as a user.
func (s *served) ask(token, method, path, body, idempotencyKey string) (status int, answer string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.address+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	if idempotencyKey != "" {
		request.Header.Set("Idempotency-Key", idempotencyKey)
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(raw)
}

// An import that is killed leaves nothing, and can be done again.
func TestImportIsKilled(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	lock, err := db.SQL.Begin() // an import waits for it
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(`LOCK TABLE event_keys IN EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	cmd := m.command("import", fixture, "--log-key", fixtureKeys)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the import waits", func() bool {
		var waiting bool
		err := lock.QueryRow(`SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'event_keys'::regclass AND NOT granted)`).Scan(&waiting)
		return err == nil && waiting
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	m.must("import", fixture, "--log-key", fixtureKeys)
	if got := m.must("replay", "--format", "json", "--from", "21"); !strings.HasSuffix(got, `{"events":21,"shown":1,"verified":true,"findings":[]}`) {
		t.Errorf("replay says %s", got)
	}
}

// The embedded database takes an import too, and replay reads it while nobody runs it.
func TestImportIntoTheEmbeddedDatabase(t *testing.T) {
	t.Parallel()
	m := newMachine(t, embeddedDir(t))
	m.must("import", fixture, "--log-key", fixtureKeys)
	if got := m.must("replay", "--log-key", fixtureKeys); !strings.Contains(got, "21 events read") || !strings.Contains(got, "no finding") {
		t.Errorf("replay says\n%s", got)
	}
	if got := m.must("user", "list"); !strings.Contains(got, "Carol") {
		t.Errorf("users\n%s", got)
	}
}
