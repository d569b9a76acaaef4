package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/transport/httpapi"
)

// missed are the frames that one CatchUp gives somebody.
func (p *person) missed(since, upTo domain.Position) []string {
	p.w.t.Helper()
	var frames []string
	err := p.w.pusher().CatchUp(p.w.t.Context(), p.id, since, upTo, func(_ domain.Position, _ domain.ID, frame []byte) error {
		frames = append(frames, string(frame))
		return nil
	})
	if err != nil {
		p.w.t.Fatal(err)
	}
	return frames
}

// synced is the answer of a sync.
type synced struct {
	Items    []json.RawMessage
	Position domain.Position
	More     bool
}

// sync reads a page; the answer says its position twice.
func (p *person) sync(since domain.Position) (page synced) {
	p.w.t.Helper()
	path := fmt.Sprint("/api/sync?since=", since)
	r := p.get(path)
	for deadline := time.Now().Add(time.Minute); r.status == http.StatusServiceUnavailable && time.Now().Before(deadline); r = p.get(path) {
		// A large page may take a busy machine longer than the server lets it: it says to ask again.
	}
	r.want(http.StatusOK)
	if err := json.Unmarshal([]byte(r.raw), &page); err != nil {
		p.w.t.Fatal(err)
	}
	if got := r.header.Get("Chainmail-Position"); got != fmt.Sprint(page.Position) || page.Items == nil {
		p.w.t.Errorf("position %s, %d in the body, items %v", got, page.Position, page.Items)
	}
	return page
}

func (s synced) frames() []string {
	frames := make([]string, len(s.Items))
	for i, item := range s.Items {
		frames[i] = string(item)
	}
	return frames
}

func types(t *testing.T, frames []string) (types []string) {
	t.Helper()
	for _, f := range frames {
		var frame struct{ Type string }
		if err := json.Unmarshal([]byte(f), &frame); err != nil {
			t.Fatal(err)
		}
		types = append(types, frame.Type)
	}
	return types
}

func TestSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	start := w.log.Head()
	if page := bob.sync(start); len(page.Items) != 0 || page.More || page.Position != start {
		t.Errorf("of nothing: %+v", page)
	}
	group := ann.group("team", bob)
	said := ann.say(group, "for <Bob>")
	bob.say(group, "his own")
	bob.post("/api/messages/read", object{"message_ids": []any{said.text("id")}}).want(http.StatusNoContent)
	ann.delete("/api/messages/"+said.text("id")+"/content", object{"reason": "sender"}).want(http.StatusNoContent)
	project := ann.project("A site")
	task := ann.task(project, bob, "Draw it")
	bob.patch("/api/tasks/"+task+"/status", object{"status": "in_progress"}).want(http.StatusOK)
	note := root.tell(bob, "Hello")
	bob.post("/api/notifications/"+note.text("id")+"/read", nil).want(http.StatusNoContent)
	root.post("/api/announcements", object{"title": "Hello", "message": "all"}).want(http.StatusCreated)
	head := w.log.Head()

	page := bob.sync(start)
	if page.More || page.Position != head {
		t.Errorf("more %v up to %d, want all up to %d", page.More, page.Position, head)
	}
	want := []string{
		"conversation", "chat_message", "chat_message", "message_status", "message_erased",
		"notification", "notification", "task_status_update", "notification",
		"notification", "notification_read", "announcement",
	}
	if got := types(t, page.frames()); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, p := range []*person{ann, bob, root} {
		if got, want := p.sync(0).frames(), p.missed(0, head); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	// Nothing of another's.
	if got := types(t, w.person("Eve").sync(0).frames()); len(got) != 0 {
		t.Errorf("Eve gets %v", got)
	}
}

func TestSyncRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	head := w.log.Head()
	for query, want := range map[string][2]string{
		"":                                    {"missing_field", "since"},
		"?since=":                             {"missing_field", "since"},
		"?since=x":                            {"invalid_field", "since"},
		"?since=-1":                           {"invalid_field", "since"},
		"?since=%2B1":                         {"invalid_field", "since"},
		"?since=1.0":                          {"invalid_field", "since"},
		"?since=9223372036854775808":          {"invalid_field", "since"},
		fmt.Sprint("?since=", head+1):         {"invalid_field", "since"},
		"?since=0&log_id=x":                   {"invalid_field", "log_id"},
		"?since=0&log_id=" + newID().String(): {"invalid_field", "log_id"},
	} {
		ann.get("/api/sync"+query).want(http.StatusUnprocessableEntity).problem(http.StatusUnprocessableEntity, want[0], want[1])
	}
	w.call("", http.MethodGet, "/api/sync?since=0", nil).problem(http.StatusUnauthorized, "unauthenticated", "")
	ann.get("/api/sync?since=0&log_id=" + domain.ID{15: 1}.String()).want(http.StatusOK)
	ann.get(fmt.Sprint("/api/sync?since=", head)).want(http.StatusOK)
	ann.get("/api/sync?since=0", "Chainmail-Min-Position", fmt.Sprint(head)).want(http.StatusOK)
	ann.get("/api/sync?since=0", "Chainmail-Min-Position", "x").problem(http.StatusUnprocessableEntity, "invalid_field", "Chainmail-Min-Position")
}

// A position that a client got from another server is good at once at one that has not heard of it yet.
func TestSyncSinceAnotherServersPosition(t *testing.T) {
	t.Parallel()
	var cfg httpapi.Config
	w := newWorld(t, func(c *httpapi.Config) { cfg = *c })
	asleep, err := eventstoretest.OpenLog(t, w.db.DSN, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = asleep.Close() })
	cfg.Log, cfg.Metrics = asleep, prometheus.NewRegistry() // it does not run, and so hears of nothing
	server := httptest.NewServer(httpapi.New(cfg))
	t.Cleanup(server.Close)
	w.url = server.URL
	ann := w.person("Ann")
	head := w.log.Head()
	if asleep.Head() >= head {
		t.Fatal("it has heard of it")
	}
	if page := ann.sync(head); len(page.Items) != 0 || page.Position != head {
		t.Errorf("since %d: %+v", head, page)
	}
}

// broken pushes cannot be caught up with.
type broken struct{}

func (broken) CatchUp(
	context.Context, domain.ID, domain.Position, domain.Position, func(domain.Position, domain.ID, []byte) error,
) error {
	return errors.New("a tape is torn")
}

func TestSyncFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.Pushes = broken{} })
	r := w.person("Ann").get("/api/sync?since=0").problem(http.StatusInternalServerError, "internal", "")
	if strings.Contains(r.raw, "tape") || !strings.Contains(w.logs.String(), "tape") {
		t.Errorf("answer %s, log %s", r.raw, w.logs)
	}
}
