package httpapi_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"chainmail/domain"
	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
)

// standStill lets the projections of notifications and tasks not go on, as far as the API knows.
func standStill(c *httpapi.Config) { c.Projected.Notifications, c.Projected.Tasks = stuck{}, stuck{} }

// task adds a task to a project and returns its id.
func (p *person) task(project string, freelancer *person, title string) string {
	p.w.t.Helper()
	body := object{"project_id": project, "freelancer_id": freelancer.id, "title": title}
	return p.post("/api/tasks", body).want(http.StatusCreated).text("id")
}

// crew are the people around a task, who see it, and Eve, who does not.
type crew struct{ author, freelancer, admin, service, eve *person }

func newCrew(w *world) crew {
	return crew{
		w.person("Ann"), w.person("Bob"),
		w.register("Root", domain.RoleAdmin, ""), w.register("Robot", domain.RoleService, ""), w.person("Eve"),
	}
}

func (c crew) see() []*person { return []*person{c.author, c.freelancer, c.admin, c.service} }

func TestTasks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := newCrew(w)
	project := c.author.project("A site")
	before := w.log.Head()
	body := object{"project_id": project, "freelancer_id": c.freelancer.id, "title": "Draw <it>"}
	made := c.author.post("/api/tasks", body).want(http.StatusCreated)
	want := map[string]any{
		"id": made.text("id"), "project_id": project, "title": "Draw <it>", "status": "open",
		"author_id": c.author.id.String(), "freelancer_id": c.freelancer.id.String(),
		"created_by": c.author.id.String(), "created_at": made.text("created_at"),
		"updated_by": c.author.id.String(), "updated_at": made.text("created_at"), "position": float64(before + 1),
	}
	if !reflect.DeepEqual(made.body, want) || made.header.Get("Chainmail-Position") != fmt.Sprint(before+2) { // and the notification
		t.Errorf("at %s: %s, want %v", made.header.Get("Chainmail-Position"), made.raw, want)
	}
	path := "/api/tasks/" + made.text("id")
	for _, p := range c.see() {
		if r := p.see(path, made); r.raw != made.raw {
			t.Errorf("read: %s\nmade: %s", r.raw, made.raw)
		}
	}
	c.eve.get(path).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "id")
	c.admin.get("/api/tasks/"+newID().String()).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "id")
	c.eve.get("/api/tasks/1").problem(http.StatusUnprocessableEntity, "invalid_field", "id")
	w.call("", http.MethodPost, "/api/tasks", body).problem(http.StatusUnauthorized, "unauthenticated", "")
	for _, path := range []string{"/api/tasks", path} {
		w.call("", http.MethodGet, path, nil).problem(http.StatusUnauthorized, "unauthenticated", "")
	}

	// Others than the author, in his name.
	for _, p := range []*person{c.admin, c.service} {
		r := p.post("/api/tasks", body).want(http.StatusCreated)
		if r.text("author_id") != c.author.id.String() || r.text("created_by") != p.id.String() || r.text("updated_by") != p.id.String() {
			t.Errorf("made by another: %s", r.raw)
		}
		if read := p.see("/api/tasks/"+r.text("id"), r); read.raw != r.raw {
			t.Errorf("read: %s\nmade: %s", read.raw, r.raw)
		}
	}
	for _, p := range []*person{c.freelancer, c.eve} {
		p.post("/api/tasks", body).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "project_id")
	}
}

func TestTaskRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := newCrew(w)
	good := object{"project_id": c.author.project("A site"), "freelancer_id": c.freelancer.id, "title": "Draw it"}
	gone := w.person("Gone")
	if _, err := w.commands.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, gone.id); err != nil {
		t.Fatal(err)
	}
	c.author.refuses("/api/tasks", good, append(badTitles(good),
		refusal{"no project", good.with("project_id", nil), 422, "missing_field", "project_id"},
		refusal{"project no UUID", good.with("project_id", "x"), 422, "invalid_field", "project_id"},
		refusal{"project a number", good.with("project_id", 1), 422, "invalid_field", "project_id"},
		refusal{"another project", good.with("project_id", newID()), 404, "not_found", "project_id"},
		refusal{"no freelancer", good.with("freelancer_id", nil), 422, "missing_field", "freelancer_id"},
		refusal{"freelancer no UUID", good.with("freelancer_id", "x"), 422, "invalid_field", "freelancer_id"},
		refusal{"a stranger", good.with("freelancer_id", newID()), 404, "receiver_not_found", "freelancer_id"},
		refusal{"who is gone", good.with("freelancer_id", gone.id), 404, "receiver_not_found", "freelancer_id"},
	))
	c.author.repeats("/api/tasks", good, good.with("title", "Another"))
	// A repeat says what was made then, also when it has moved on.
	first := c.author.post("/api/tasks", good, "Idempotency-Key", "k 1").want(http.StatusOK)
	c.freelancer.patch("/api/tasks/"+first.text("id")+"/status", object{"status": "in_progress"}).want(http.StatusOK)
	if r := c.author.post("/api/tasks", good, "Idempotency-Key", "k 1").want(http.StatusOK); r.raw != first.raw {
		t.Errorf("again: %s, first: %s", r.raw, first.raw)
	}
}

func TestTaskLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := newCrew(w)
	own, other := c.author.project("A site"), c.eve.project("Eve's")
	var all []any // newest first
	add := func(by *person, project string, freelancer *person) any {
		id := by.task(project, freelancer, fmt.Sprint("task ", len(all)))
		all = append([]any{id}, all...)
		return id
	}
	first := add(c.author, own, c.freelancer)
	second := add(c.author, own, c.author) // author and freelancer at once
	third := add(c.eve, other, c.author)
	fourth := add(c.author, own, c.eve)
	fifth := add(c.admin, own, c.freelancer)
	w.settle()
	query := "?project_id=" + own
	for _, tc := range []struct {
		name string
		who  *person
		path string
		want []any
	}{
		{"author", c.author, "", all},
		{"freelancer", c.freelancer, "", []any{fifth, first}},
		{"admin", c.admin, "", all},
		{"service", c.service, "", all},
		{"Eve", c.eve, "", []any{fourth, third}},
		{"nobody", w.person("Nobody"), "", nil},
		{"author of a project", c.author, query, []any{fifth, fourth, second, first}},
		{"freelancer of a project", c.freelancer, query, []any{fifth, first}},
		{"admin of a project", c.admin, query, []any{fifth, fourth, second, first}},
		{"service of a project", c.service, query, []any{fifth, fourth, second, first}},
		{"Eve of a project", c.eve, query, []any{fourth}},
		{"author of another", c.author, "?project_id=" + other, []any{third}},
		{"freelancer of another", c.freelancer, "?project_id=" + other, nil},
		{"no project", c.admin, "?project_id=" + newID().String(), nil},
	} {
		if got := pluck(tc.who.get("/api/tasks"+tc.path).want(http.StatusOK).items(), "id"); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
	// What is made meanwhile doesn't shift the pages.
	got := c.author.pages("/api/tasks", func() { all = append([]any{c.author.task(own, c.freelancer, "one more")}, all...) })
	if got, want := pluck(got, "id"), all[len(all)-5:]; !slices.Equal(got, want) {
		t.Errorf("pages: got %v, want %v", got, want)
	}
	w.settle()
	got = c.author.pages("/api/tasks"+query, func() {})
	if got, want := pluck(got, "id"), without(all, third); !slices.Equal(got, want) {
		t.Errorf("pages of a project: got %v, want %v", got, want)
	}
	// A cursor is good for its own list.
	cursor := c.author.get("/api/tasks?limit=1").text("next_cursor")
	c.admin.get("/api/tasks?cursor="+cursor).problem(http.StatusUnprocessableEntity, "invalid_field", "cursor")
	c.author.get("/api/tasks"+query+"&cursor="+cursor).problem(http.StatusUnprocessableEntity, "invalid_field", "cursor")
	c.author.badPages("/api/tasks")
	c.author.get("/api/tasks?project_id=x").problem(http.StatusUnprocessableEntity, "invalid_field", "project_id")
}

// without is a list without one of its items.
func without(list []any, item any) []any {
	return slices.DeleteFunc(slices.Clone(list), func(other any) bool { return other == item })
}

func TestTaskStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := newCrew(w)
	made := c.author.post("/api/tasks", object{
		"project_id": c.author.project("A site"), "freelancer_id": c.freelancer.id, "title": "Draw it",
	}).want(http.StatusCreated)
	task := "/api/tasks/" + made.text("id")
	path := task + "/status"
	turn := func(p *person, status string) reply {
		t.Helper()
		before := w.log.Head()
		r := p.patch(path, object{"status": status}).want(http.StatusOK)
		want := object(made.body).with("status", status, "updated_by", p.id.String(), "updated_at", r.text("updated_at"))
		if !reflect.DeepEqual(object(r.body), want) || r.header.Get("Chainmail-Position") != fmt.Sprint(before+3) { // two are notified
			t.Errorf("after %d: %s at %s, want %v", before, r.raw, r.header.Get("Chainmail-Position"), want)
		}
		if read := c.admin.see(task, r); read.raw != r.raw {
			t.Errorf("read: %s\nsaid: %s", read.raw, r.raw)
		}
		return r
	}
	turn(c.freelancer, "in_progress")
	done := turn(c.service, "in_review")
	before := w.log.Head()
	again := c.author.patch(path, object{"status": "in_review"}).want(http.StatusOK)
	if again.raw != done.raw || w.log.Head() != before || again.header.Get("Chainmail-Position") != fmt.Sprint(before) {
		t.Errorf("again: %s at %s", again.raw, again.header.Get("Chainmail-Position"))
	}
	wrong := c.freelancer.patch(path, object{"status": "open"}).want(http.StatusConflict).problem(http.StatusConflict, "conflict", "status")
	if got := wrong.text("detail"); got != "this task is in review: it can become done, in_progress, cancelled" {
		t.Errorf("what can follow: %s", got)
	}
	turn(c.author, "done")
	wrong = c.admin.patch(path, object{"status": "open"}).want(http.StatusConflict).problem(http.StatusConflict, "conflict", "status")
	if got := wrong.text("detail"); got != "this task is done: that is final" {
		t.Errorf("at the end: %s", got)
	}
}

func TestTaskStatusRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := newCrew(w)
	path := "/api/tasks/" + c.author.task(c.author.project("A site"), c.freelancer, "Draw it") + "/status"
	before := w.log.Head()
	for _, tc := range append(badBodies,
		refusal{"no status", object{}, 422, "missing_field", "status"},
		refusal{"status null", object{"status": nil}, 422, "missing_field", "status"},
		refusal{"status a number", object{"status": 1}, 422, "invalid_field", "status"},
		refusal{"no such status", object{"status": "finished"}, 422, "invalid_field", "status"},
		refusal{"status empty", object{"status": ""}, 422, "invalid_field", "status"},
		refusal{"not yet", object{"status": "done"}, 409, "conflict", "status"},
	) {
		t.Run(tc.name, func(t *testing.T) {
			c.freelancer.patch(path, tc.body).want(tc.status).problem(tc.status, tc.code, tc.field)
		})
	}
	body := object{"status": "in_progress"}
	c.eve.patch(path, body).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "id")
	c.admin.patch("/api/tasks/"+newID().String()+"/status", body).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "id")
	c.admin.patch("/api/tasks/1/status", body).problem(http.StatusUnprocessableEntity, "invalid_field", "id")
	w.call("", http.MethodPatch, path, body).problem(http.StatusUnauthorized, "unauthenticated", "")
	if got := w.log.Head(); got != before {
		t.Errorf("%d events were stored", got-before)
	}
}

// A project weighs five changes; what is told to others counts by itself.
func TestWorkTooOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) {
		c.Limits = httpapi.Limits{Changes: limit.New(7), Notices: limit.New(2), Receipts: limit.New(1)}
	})
	tooOften := func(r reply) {
		t.Helper()
		r.want(http.StatusTooManyRequests).problem(http.StatusTooManyRequests, "rate_limited", "")
		if r.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", r.what)
		}
	}
	ann, bob := w.person("Ann"), w.person("Bob")
	project := ann.project("one")
	tooOften(ann.post("/api/projects", object{"title": "two"}))
	id := ann.task(project, bob, "one")
	path := "/api/tasks/" + id + "/status"
	ann.patch(path, object{"status": "in_progress"}).want(http.StatusOK)
	tooOften(ann.patch(path, object{"status": "cancelled"}))
	tooOften(ann.post("/api/tasks", object{"project_id": project, "freelancer_id": bob.id, "title": "two"}))

	robot := w.register("Robot", domain.RoleService, "")
	robot.project("the robot's")
	first := robot.tell(bob, "one")
	robot.post("/api/announcements", object{"title": "one", "message": "for all"}).want(http.StatusCreated)
	tooOften(robot.post("/api/announcements", object{"title": "two", "message": "for all"}))
	tooOften(robot.post("/api/notifications", object{
		"user_id": bob.id, "notification_type": "note", "title": "two", "message": "for Bob",
	}))
	bob.post("/api/notifications/"+first.text("id")+"/read", nil).want(http.StatusNoContent)
	tooOften(bob.post("/api/notifications/"+first.text("id")+"/read", nil))
}
