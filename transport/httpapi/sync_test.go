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

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/domain"
	"chainmail/eventstore"
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
	r := p.get(fmt.Sprint("/api/sync?since=", since)).want(http.StatusOK)
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
	asleep, err := eventstore.Open(t.Context(), w.db.DSN, slog.New(slog.DiscardHandler))
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

// Pages join to what one catch-up gives.
func TestSyncPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	group := ann.group("team", bob)
	w.flood(ann, parseID(t, group), 1_203, "short")
	w.flood(ann, parseID(t, group), 250, strings.Repeat("ä", 5_000)) // 10,000 bytes each
	head := w.log.Head()
	var got []string
	var sizes []int
	for since, more := domain.Position(0), true; more; {
		page := bob.sync(since)
		if page.Position <= since {
			t.Fatalf("it does not go on after %d", since)
		}
		got, sizes = append(got, page.frames()...), append(sizes, len(page.Items))
		since, more = page.Position, page.More
		if !more && since != head {
			t.Errorf("it ends at %d, want %d", since, head)
		}
	}
	if want := bob.missed(0, head); !slices.Equal(got, want) {
		t.Errorf("%d frames on pages, %d in all", len(got), len(want))
	}
	if sizes[0] != 500 || sizes[1] != 500 || len(sizes) < 5 || slices.Max(sizes[3:]) > 110 {
		t.Errorf("pages of %v", sizes)
	}
}

// flood stores messages without asking anybody.
func (w *world) flood(sender *person, conversation domain.ID, n int, content string) {
	w.t.Helper()
	hash := domain.ContentHash(domain.Salt{}, content)
	decisions := make([]domain.Decision, n)
	for i := range decisions {
		decisions[i] = domain.Decision{
			Actor: domain.Actor{ID: sender.id, Auth: domain.AuthToken},
			Drafts: []domain.Draft{{Stream: domain.ConversationStream(conversation), Data: &domain.MessageSent{
				MessageID: newID(), ConversationID: conversation, SenderID: sender.id, Content: content, ContentHash: hash,
			}}},
		}
	}
	for chunk := range slices.Chunk(decisions, 100) {
		if _, err := w.log.Append(w.t.Context(), chunk...); err != nil {
			w.t.Fatal(err)
		}
	}
}

// script is pushes as a test writes them: so many frames at each position.
type script []int

func (s script) CatchUp(
	ctx context.Context, _ domain.ID, after, upTo domain.Position,
	emit func(domain.Position, domain.ID, []byte) error,
) error {
	for at := after + 1; at <= upTo; at++ {
		for i := range s[at-1] {
			if err := emit(at, domain.ID{}, fmt.Appendf(nil, `{"type":"f","position":%d,"i":%d}`, at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// A page is never cut between the frames of one position.
func TestSyncCutsBetweenPositions(t *testing.T) {
	t.Parallel()
	s := script{3, 498, 2, 0, 700, 1, 499, 0, 1}
	w := newWorld(t, func(c *httpapi.Config) { c.Pushes = s })
	ann := w.person("Ann")
	for w.log.Head() < 9 {
		w.person("Bob")
	}
	for since, want := range map[domain.Position]synced{
		0: {Position: 1, More: true}, 1: {Position: 3, More: true}, 2: {Position: 3, More: true}, 3: {Position: 5, More: true},
		4: {Position: 5, More: true}, 5: {Position: 7, More: true}, 6: {Position: 9}, 7: {Position: 9}, 9: {Position: 9},
	} {
		page := ann.sync(since)
		items := 0
		for _, n := range s[since:want.Position] {
			items += n
		}
		if page.Position != want.Position || page.More != want.More || len(page.Items) != items {
			t.Errorf("since %d: %d items up to %d, more %v; want %d up to %d, more %v",
				since, len(page.Items), page.Position, page.More, items, want.Position, want.More)
		}
	}
}

// Counts of receipts that a client may have missed at the time of since come last, at the end of a page, however many pages follow.
type late struct{}

func (late) CatchUp(
	_ context.Context, _ domain.ID, after, upTo domain.Position, emit func(domain.Position, domain.ID, []byte) error,
) error {
	if err := script([]int{0, 400, 400, 0}).CatchUp(context.Background(), domain.ID{}, after, upTo, emit); err != nil || after > 0 {
		return err
	}
	return emit(upTo, domain.ID{}, fmt.Appendf(nil, `{"type":"late","position":%d}`, upTo))
}

func TestSyncLosesNoCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.Pushes = late{} })
	ann := w.person("Ann")
	for w.log.Head() < 4 {
		w.person("Bob")
	}
	page := ann.sync(0)
	if last := page.Items[len(page.Items)-1]; !page.More || len(page.Items) != 401 || string(last) != `{"type":"late","position":2}` {
		t.Errorf("%d items, the last is %s", len(page.Items), last)
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
