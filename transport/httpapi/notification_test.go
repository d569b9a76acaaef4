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

// tell notifies somebody.
func (p *person) tell(other *person, title string) reply {
	p.w.t.Helper()
	return p.post("/api/notifications", object{
		"user_id": other.id, "notification_type": "note", "title": title, "message": "Read this.",
	}).want(http.StatusCreated)
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	root, robot := w.register("Root", domain.RoleAdmin, ""), w.register("Robot", domain.RoleService, "")
	const path = "/api/notifications"
	if r := bob.get(path).want(http.StatusOK); len(r.items()) != 0 || r.body["next_cursor"] != nil {
		t.Errorf("of none: %s", r.raw)
	}
	body := object{
		"user_id": bob.id, "notification_type": "payout.ready", "title": "A <payout>", "message": "It is\nthere.", "link": "/payouts/7?a=b",
	}
	made := robot.post(path, body).want(http.StatusCreated)
	position := w.log.Head()
	want := map[string]any{
		"id": made.text("id"), "notification_type": "payout.ready", "title": "A <payout>", "message": "It is\nthere.",
		"link": "/payouts/7?a=b", "created_at": made.text("created_at"), "position": float64(position), "is_read": false, "read_at": nil,
	}
	if !reflect.DeepEqual(made.body, want) || made.header.Get("Chainmail-Position") != fmt.Sprint(position) {
		t.Errorf("got %s, want %v", made.raw, want)
	}
	second := root.post(path, object(body).with("link", nil)).want(http.StatusCreated)
	if link, found := second.body["link"]; !found || link != nil {
		t.Errorf("without a link: %s", second.raw)
	}
	if got := bob.see(path, second).items(); !reflect.DeepEqual(got, []map[string]any{second.body, made.body}) {
		t.Errorf("got %v, want %v and %v", got, second.body, made.body)
	}
	for _, p := range []*person{ann, root, robot} {
		if got := p.see(path, second).items(); len(got) != 0 {
			t.Errorf("another sees %v", got)
		}
	}
	w.call("", http.MethodGet, path, nil).problem(http.StatusUnauthorized, "unauthenticated", "")
	w.call("", http.MethodPost, path, body).problem(http.StatusUnauthorized, "unauthenticated", "")
	for _, p := range []*person{ann, bob} {
		p.post(path, body).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "")
		p.post(path, "{").want(http.StatusForbidden)
	}
	bob.badPages(path)
}

// What follows from an act is in the list of everybody whom it concerns.
func TestNotificationsOfWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	project := ann.project("A site")
	task := ann.task(project, bob, "Draw it")
	last := bob.patch("/api/tasks/"+task+"/status", object{"status": "in_progress"}).want(http.StatusOK)
	types := func(p *person) []any { return pluck(p.see("/api/notifications", last).items(), "notification_type") }
	if got := types(bob); !slices.Equal(got, []any{"task_status_changed", "task_assigned", "project_created"}) {
		t.Errorf("the freelancer's: %v", got)
	}
	if got := types(ann); !slices.Equal(got, []any{"task_status_changed"}) {
		t.Errorf("the author's: %v", got)
	}
	for _, n := range bob.get("/api/notifications").items()[:2] {
		if n["link"] != "/tasks/"+task || n["message"] != "Draw it" {
			t.Errorf("of a task: %v", n)
		}
	}
}

func TestNotificationRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob, robot := w.person("Bob"), w.register("Robot", domain.RoleService, "")
	good := object{"user_id": bob.id, "notification_type": "note", "title": "Hello", "message": "Read this.", "link": "https://example.org/a"}
	list := append(badTitles(good),
		refusal{"nobody", good.with("user_id", nil), 422, "missing_field", "user_id"},
		refusal{"no UUID", good.with("user_id", "x"), 422, "invalid_field", "user_id"},
		refusal{"a stranger", good.with("user_id", newID()), 404, "receiver_not_found", "user_id"},
		refusal{"no type", good.with("notification_type", nil), 422, "missing_field", "notification_type"},
		refusal{"type a number", good.with("notification_type", 1), 422, "invalid_field", "notification_type"},
		refusal{"type two words", good.with("notification_type", "a b"), 422, "invalid_field", "notification_type"},
		refusal{"type too long", good.with("notification_type", strings.Repeat("x", 65)), 422, "invalid_field", "notification_type"},
		refusal{"no message", good.with("message", nil), 422, "missing_field", "message"},
		refusal{"message a number", good.with("message", 1), 422, "invalid_field", "message"},
		refusal{"message blank", good.with("message", " \n"), 422, "invalid_field", "message"},
		refusal{"message too long", good.with("message", fmt.Sprintf("%02001d", 0)), 422, "too_large", "message"},
		refusal{"link a number", good.with("link", 1), 422, "invalid_field", "link"},
	)
	for _, link := range []string{"javascript:alert(1)", "//evil.example", "/\\evil.example", "tasks/7", "ftp://example.org", "https://"} {
		list = append(list, refusal{"link " + link, good.with("link", link), 422, "invalid_field", "link"})
	}
	robot.refuses("/api/notifications", good, list)
	robot.repeats("/api/notifications", good, good.with("message", "Read that."))
}

func TestReadNotification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob, eve := w.person("Bob"), w.person("Eve")
	root := w.register("Root", domain.RoleAdmin, "")
	first, second := root.tell(bob, "one"), root.tell(bob, "two")
	path := func(id string) string { return "/api/notifications/" + id + "/read" }
	read := bob.post(path(first.text("id")), nil).want(http.StatusNoContent)
	position := w.log.Head()
	if got := read.header.Get("Chainmail-Position"); got != fmt.Sprint(position) {
		t.Errorf("position %s, want %d", got, position)
	}
	again := bob.post(path(first.text("id")), nil).want(http.StatusNoContent)
	if got := again.header.Get("Chainmail-Position"); got != fmt.Sprint(position) || w.log.Head() != position {
		t.Errorf("again: position %s, head %d, want %d", got, w.log.Head(), position)
	}
	items := bob.see("/api/notifications", read).items()
	if got := pluck(items, "is_read"); !slices.Equal(got, []any{false, true}) || items[0]["read_at"] != nil || items[1]["read_at"] == nil {
		t.Errorf("got %v", items)
	}
	for _, p := range []*person{eve, root} { // an admin reads nobody else's
		p.post(path(second.text("id")), nil).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "id")
	}
	bob.post(path(newID().String()), nil).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "id")
	bob.post(path("1"), nil).problem(http.StatusUnprocessableEntity, "invalid_field", "id")
	w.call("", http.MethodPost, path(second.text("id")), nil).problem(http.StatusUnauthorized, "unauthenticated", "")
}

func TestNotificationPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob, root := w.person("Bob"), w.register("Root", domain.RoleAdmin, "")
	var want []any
	for i := range 5 {
		want = append([]any{root.tell(bob, fmt.Sprint("number ", i)).text("id")}, want...)
	}
	w.settle()
	got := bob.pages("/api/notifications", func() { // what is told meanwhile doesn't shift the pages
		root.tell(bob, "one more")
		w.settle()
	})
	if got := pluck(got, "id"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	cursor := bob.get("/api/notifications?limit=1").text("next_cursor")
	root.get("/api/notifications?cursor="+cursor).problem(http.StatusUnprocessableEntity, "invalid_field", "cursor")
}

func TestAnnouncements(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	root, robot := w.register("Root", domain.RoleAdmin, ""), w.register("Robot", domain.RoleService, "")
	const path = "/api/announcements"
	good := object{"title": "A <break>", "message": "We are\naway."}
	for _, p := range []*person{root, robot} {
		made := p.post(path, good).want(http.StatusCreated)
		want := map[string]any{
			"id": made.text("id"), "title": "A <break>", "message": "We are\naway.",
			"position": float64(w.log.Head()), "timestamp": made.text("timestamp"),
		}
		if !reflect.DeepEqual(made.body, want) || made.header.Get("Chainmail-Position") != fmt.Sprint(w.log.Head()) {
			t.Errorf("got %s, want %v", made.raw, want)
		}
	}
	w.call("", http.MethodPost, path, good).problem(http.StatusUnauthorized, "unauthenticated", "")
	ann.post(path, good).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "")
	ann.post(path, "{").want(http.StatusForbidden)
	robot.refuses(path, good, append(badTitles(good),
		refusal{"no message", good.with("message", nil), 422, "missing_field", "message"},
		refusal{"message a number", good.with("message", 1), 422, "invalid_field", "message"},
		refusal{"message blank", good.with("message", " "), 422, "invalid_field", "message"},
		refusal{"message too long", good.with("message", fmt.Sprintf("%02001d", 0)), 422, "too_large", "message"},
	))
	robot.repeats(path, good, good.with("message", "We are back."))
}
