package main

import (
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// What people made, were told and have read is there after an import, and a request that comes again finds what it made.
func TestImportedWorkIsServed(t *testing.T) {
	t.Parallel()
	const (
		export  = "../../audit/testdata/export-work.jsonl"
		keys    = "../../audit/testdata/export-work.key"
		alice   = "01000000-0000-7000-8000-000000000003"
		bob     = "01000000-0000-7000-8000-000000000005"
		root    = "01000000-0000-7000-8000-000000000007"
		project = "01000000-0000-7000-8000-000000000013"
		task    = "01000000-0000-7000-8000-00000000001c"
		read    = "01000000-0000-7000-8000-000000000025" // by Alice
		paid    = "01000000-0000-7000-8000-00000000002b" // told to Bob
	)
	m := onDatabase(t, pgtest.Empty(t).DSN)
	m.must("import", export, "--log-key", keys)
	s := m.serve("--listen", "127.0.0.1:0")
	s.awaitReady(200, `"status":"ready"`)
	tokens := make(map[string]string)
	for _, user := range []string{alice, bob, root} {
		tokens[user] = m.must("token", user)
	}
	logo := `{"project_id":"` + project + `","freelancer_id":"` + bob + `","title":"Logo \"é\" 🙂"}`
	pay := `{"user_id":"` + bob + `","notification_type":"payment","title":"Paid","message":"line\nfeed","link":"/tasks/` + task + `"}`
	rest := `{"title":"Tonight","message":"we rest"}`
	for _, test := range []struct {
		who, method, path, body, key string
		status                       int
		want                         string
	}{
		{alice, "POST", "/api/projects", `{"title":"Website"}`, "website", 200, project},
		{alice, "POST", "/api/projects", `{"title":"Webshop"}`, "website", 422, "Idempotency-Key"},
		{alice, "POST", "/api/tasks", logo, "logo", 200, task},
		{root, "POST", "/api/notifications", pay, "paid", 200, paid},
		{root, "POST", "/api/announcements", rest, "rest", 200, `"position":21`},
		{bob, "GET", "/api/tasks/" + task, "", "", 200, `"status":"in_review"`},
		{bob, "GET", "/api/projects", "", "", 200, `"title":"Website"`},
		{bob, "GET", "/api/notifications", "", "", 200, paid},
		{alice, "GET", "/api/notifications", "", "", 200, `"is_read":true`},
		{alice, "POST", "/api/notifications/" + read + "/read", "", "", 204, ""},
		{bob, "POST", "/api/notifications/" + paid + "/read", "", "", 204, ""},
		{bob, "PATCH", "/api/tasks/" + task + "/status", `{"status":"open"}`, "", 409, "in review"},
		{bob, "PATCH", "/api/tasks/" + task + "/status", `{"status":"done"}`, "", 200, `"status":"done"`},
	} {
		status, body := s.ask(tokens[test.who], test.method, test.path, test.body, test.key)
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s %s: %d %s", test.method, test.path, status, body)
		}
	}
	// Beside the server's guard policy there is only what was new.
	got := m.must("replay", "--from", "26", "--log-key", keys)
	for _, want := range []string{
		"Bob read #20 after ", `Bob changed the task "Logo \"é\" 🙂" from in review to done`, ", 5 shown", "no finding",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in what replay says:\n%s", want, got)
		}
	}
	if status := s.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}
