package httpapi_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
)

// project makes a project and returns its id.
func (p *person) project(title string) string {
	p.w.t.Helper()
	return p.post("/api/projects", object{"title": title}).want(http.StatusCreated).text("id")
}

// pages reads a whole list, newest first, two items at a time, and does something between pages.
func (p *person) pages(path string, between func()) []map[string]any {
	p.w.t.Helper()
	var all []map[string]any
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	for query := path + joint + "limit=2"; query != ""; {
		r := p.get(query).want(http.StatusOK)
		all = append(all, r.items()...)
		between()
		query = ""
		if r.body["next_cursor"] != nil {
			query = path + joint + "limit=2&cursor=" + r.text("next_cursor")
		}
	}
	return all
}

// badPages fails the test unless a list refuses what is wrong with its parameters.
func (p *person) badPages(path string) {
	p.w.t.Helper()
	for _, query := range []string{"cursor=AAAA", "limit=0", "limit=x"} {
		field, _, _ := strings.Cut(query, "=")
		p.get(path+"?"+query).want(http.StatusUnprocessableEntity).problem(http.StatusUnprocessableEntity, "invalid_field", field)
	}
}

// refusal is a body that a call refuses.
type refusal struct {
	name   string
	body   any
	status int
	code   string
	field  string
}

// badBodies are refused wherever an object is wanted.
var badBodies = []refusal{
	{"nothing", nil, 400, "invalid_json", ""},
	{"not JSON", "{", 400, "invalid_json", ""},
	{"no object", "[]", 422, "invalid_json", ""},
	{"too much", tooLong, 413, "too_large", ""},
}

// with is an object with other values for some fields; nil takes one out.
func (o object) with(fields ...any) object {
	changed := object{}
	for name, value := range o {
		changed[name] = value
	}
	for i := 0; i < len(fields); i += 2 {
		if changed[fields[i].(string)] = fields[i+1]; fields[i+1] == nil {
			delete(changed, fields[i].(string))
		}
	}
	return changed
}

// refuses fails the test unless a POST refuses each body, and Idempotency-Keys that cannot be kept.
func (p *person) refuses(path string, good object, list []refusal) {
	p.w.t.Helper()
	before := p.w.log.Head()
	for _, tc := range slices.Concat(badBodies, list) {
		if r := p.post(path, tc.body).want(tc.status).problem(tc.status, tc.code, tc.field); p.w.t.Failed() {
			p.w.t.Fatalf("%s: %s", tc.name, r.raw)
		}
	}
	for _, key := range []string{strings.Repeat("k", 65), "a\tb", "\xff"} {
		p.post(path, good, "Idempotency-Key", key).want(http.StatusUnprocessableEntity).
			problem(http.StatusUnprocessableEntity, "invalid_field", "Idempotency-Key")
	}
	if got := p.w.log.Head(); got != before {
		p.w.t.Errorf("%d events were stored", got-before)
	}
}

// badTitles are refused of everything that has a title.
func badTitles(good object) []refusal {
	return []refusal{
		{"no title", good.with("title", nil), 422, "missing_field", "title"},
		{"title a number", good.with("title", 1), 422, "invalid_field", "title"},
		{"title empty", good.with("title", ""), 422, "invalid_field", "title"},
		{"title blank", good.with("title", " "), 422, "invalid_field", "title"},
		{"title of two lines", good.with("title", "a\nb"), 422, "invalid_field", "title"},
		{"title too long", good.with("title", fmt.Sprintf("%0201d", 0)), 422, "too_large", "title"},
		{"title with NUL", good.with("title", "a\x00"), 422, "invalid_field", "title"},
	}
}

// repeats fails the test unless a POST with the same key stores nothing, and one with another body is refused.
func (p *person) repeats(path string, good, other object) {
	p.w.t.Helper()
	first := p.post(path, good, "Idempotency-Key", "k 1").want(http.StatusCreated)
	head := p.w.log.Head()
	again := p.post(path, good, "Idempotency-Key", "k 1").want(http.StatusOK)
	if again.raw != first.raw || p.w.log.Head() != head || again.header.Get("Chainmail-Position") != fmt.Sprint(head) {
		p.w.t.Errorf("again at %s: %s, first: %s", again.header.Get("Chainmail-Position"), again.raw, first.raw)
	}
	p.post(path, other, "Idempotency-Key", "k 1").want(http.StatusUnprocessableEntity).
		problem(http.StatusUnprocessableEntity, "invalid_field", "Idempotency-Key")
	if next := p.post(path, good, "Idempotency-Key", "k 2").want(http.StatusCreated); next.text("id") == first.text("id") {
		p.w.t.Errorf("with another key: %s", next.raw)
	}
	if next := p.post(path, good).want(http.StatusCreated); next.text("id") == first.text("id") {
		p.w.t.Errorf("without a key: %s", next.raw)
	}
}

func TestProjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	w.person("Cyd")
	if r := bob.get("/api/projects").want(http.StatusOK); len(r.items()) != 0 || r.body["next_cursor"] != nil {
		t.Errorf("of none: %s", r.raw)
	}
	before := w.log.Head()
	made := ann.post("/api/projects", object{"title": "A <site> & more"}).want(http.StatusCreated)
	want := map[string]any{
		"id": made.text("id"), "title": "A <site> & more", "author_id": ann.id.String(),
		"created_at": made.text("created_at"), "position": float64(before + 1),
	}
	if !reflect.DeepEqual(made.body, want) {
		t.Errorf("got %s, want %v", made.raw, want)
	}
	// Two are notified in the same commit.
	if got := made.header.Get("Chainmail-Position"); got != fmt.Sprint(before+3) || w.log.Head() != before+3 {
		t.Errorf("position %s, head %d, want %d", got, w.log.Head(), before+3)
	}
	if r := bob.see("/api/projects/"+made.text("id"), made); r.raw != made.raw {
		t.Errorf("read: %s\nmade: %s", r.raw, made.raw)
	}
	if r := bob.see("/api/projects", made); !reflect.DeepEqual(r.items(), []map[string]any{want}) {
		t.Errorf("list: %s", r.raw)
	}
	w.call("", http.MethodPost, "/api/projects", want).problem(http.StatusUnauthorized, "unauthenticated", "")
	for _, path := range []string{"/api/projects", "/api/projects/" + made.text("id")} {
		w.call("", http.MethodGet, path, nil).problem(http.StatusUnauthorized, "unauthenticated", "")
	}
	bob.get("/api/projects/"+newID().String()).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "id")
	bob.get("/api/projects/1").problem(http.StatusUnprocessableEntity, "invalid_field", "id")
	ann.badPages("/api/projects")
}

func TestProjectRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	good := object{"title": "A site"}
	ann.refuses("/api/projects", good, badTitles(good))
	ann.repeats("/api/projects", good, object{"title": "Another"})
	// A key is one user's, and for one kind of thing.
	bob := w.person("Bob")
	bob.post("/api/projects", object{"title": "Bob's"}, "Idempotency-Key", "k 1").want(http.StatusCreated)
}

func TestProjectPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	var want []any
	for i := range 5 {
		want = append([]any{ann.project(fmt.Sprint("project ", i))}, want...)
	}
	w.settle()
	got := pluck(bob.pages("/api/projects", func() { // what is made meanwhile doesn't shift the pages
		ann.project("one more")
		w.settle()
	}), "id")
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A title is judged like that of a conversation.
func TestTitlesAreJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	id := ann.project("harmless")
	before := w.log.Head()
	for path, body := range map[string]object{
		"/api/projects": {"title": scam},
		"/api/tasks":    {"title": scam, "project_id": id, "freelancer_id": bob.id},
	} {
		r := ann.post(path, body).want(http.StatusUnprocessableEntity).problem(http.StatusUnprocessableEntity, "message_blocked", "title")
		if r.body["risk_score"] != 0.96 || !reflect.DeepEqual(r.body["reasons"], []any{"wallet_theft", "bargain"}) ||
			r.text("message") != r.text("detail") || r.body["message_id"] != nil || w.log.Head() != before {
			t.Errorf("%s: %s", path, r.raw)
		}
	}
}

// What was made is told when its tables stand still, too.
func TestWorkWhileTablesStandStill(t *testing.T) {
	t.Parallel()
	w := newWorld(t, standStill)
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.project("A site")
	task := ann.task(id, bob, "Draw it")
	r := bob.patch("/api/tasks/"+task+"/status", object{"status": "in_progress"}).want(http.StatusOK)
	if r.text("status") != "in_progress" || r.text("title") != "Draw it" {
		t.Errorf("changed: %s", r.raw)
	}
	root.tell(bob, "Hello")
	root.post("/api/announcements", object{"title": "Hello", "message": "all"}).want(http.StatusCreated)
	// What is not in the tables cannot be said not to be there.
	for _, path := range []string{"/api/projects/" + newID().String(), "/api/tasks/" + newID().String()} {
		ann.get(path).want(http.StatusServiceUnavailable).problem(http.StatusServiceUnavailable, "unavailable", "")
	}
	for _, path := range []string{"/api/projects", "/api/tasks", "/api/notifications"} {
		ann.get(path, "Chainmail-Min-Position", "1").want(http.StatusServiceUnavailable).problem(http.StatusServiceUnavailable, "unavailable", "")
	}
	// Other tables are not affected, nor is what needs none.
	ann.get("/api/users/"+bob.id.String(), "Chainmail-Min-Position", fmt.Sprint(w.log.Head())).want(http.StatusOK)
	ann.get("/api/sync?since=0", "Chainmail-Min-Position", fmt.Sprint(w.log.Head())).want(http.StatusOK)
}
