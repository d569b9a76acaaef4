package httpapi_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/httpapi"
)

// meddling is tables in which something happens in the middle of a read.
type meddling struct {
	tables
	during func()
}

func (m *meddling) Unread(
	ctx context.Context, tx *sql.Tx, user domain.ID, conversations []domain.ID,
) (map[domain.ID]int, error) {
	m.during()
	return m.tables.Unread(ctx, tx, user, conversations)
}

// A read shows everything up to its position and nothing behind it, whatever is written meanwhile.
func TestReadsShowTheirPosition(t *testing.T) {
	t.Parallel()
	m := &meddling{during: func() {}}
	w := newWorld(t, func(c *httpapi.Config) { c.Tables = m })
	ann, bob := w.person("Ann"), w.person("Bob")
	id := ann.group("busy", bob)
	before := int64(w.log.Head())
	w.settle()
	m.during = func() {
		ann.say(id, "in between")
		w.settle()
	}
	r := bob.get("/api/conversations").want(http.StatusOK)
	m.during = func() {}
	if got := r.header.Get("Chainmail-Position"); got != strconv.FormatInt(before, 10) {
		t.Errorf("got position %s, want %d", got, before)
	}
	if got := r.items()[0]; got["unread_count"] != 0.0 || got["last_message"] != nil {
		t.Errorf("what came after the position is shown: %v", got)
	}
	r = bob.get("/api/conversations").want(http.StatusOK)
	if got := r.items()[0]; got["unread_count"] != 1.0 || r.header.Get("Chainmail-Position") != strconv.FormatInt(before+1, 10) {
		t.Errorf("at %s: %v", r.header.Get("Chainmail-Position"), got)
	}
}

func TestMinPosition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	head := strconv.FormatInt(int64(w.log.Head()), 10)
	if got := ann.get("/api/me", "Chainmail-Min-Position", head).want(http.StatusOK).header.Get("Chainmail-Position"); got != head {
		t.Errorf("got position %s, want %s", got, head)
	}
	for _, bad := range []string{"x", "-1", "1.5"} {
		ann.get("/api/me", "Chainmail-Min-Position", bad).want(http.StatusUnprocessableEntity).
			problem(http.StatusUnprocessableEntity, "invalid_field", "Chainmail-Min-Position")
	}
}

// Each call tells how far the projection is whose tables it reads.
func TestEachProjectionHasItsPosition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	ann.project("one")
	ann.project("two")
	w.settle()
	// It cannot go on from there, since the projects are there already.
	const back = `UPDATE projection_offsets SET position = 1 WHERE projection = 'tasks'`
	if _, err := w.log.DB().ExecContext(t.Context(), back); err != nil {
		t.Fatal(err)
	}
	head := strconv.FormatInt(int64(w.log.Head()), 10)
	for path, want := range map[string]string{
		"/api/me": head, "/api/notifications": head, "/api/sync?since=0": head, "/api/projects": "1", "/api/tasks": "1",
	} {
		if got := ann.get(path).want(http.StatusOK).header.Get("Chainmail-Position"); got != want {
			t.Errorf("%s: got position %s, want %s", path, got, want)
		}
	}
}

// stuck is a projection that does not go on.
type stuck struct{}

func (stuck) Position() domain.Position { return 0 }

func (stuck) Wait(context.Context, domain.Position) error { return errors.New("it is stuck") }

func TestAStuckProjection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.Projected.Messages = stuck{} })
	ann, bob := w.person("Ann"), w.person("Bob")
	r := ann.get("/api/me", "Chainmail-Min-Position", "1").want(http.StatusServiceUnavailable).
		problem(http.StatusServiceUnavailable, "unavailable", "")
	if r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// What is not in the tables cannot be said not to be there.
	ann.get("/api/messages/"+newID().String()).problem(http.StatusServiceUnavailable, "unavailable", "")
	// Writes go on.
	ann.say(ann.group("still", bob), "working")
}

// The tables come after the commit; what was started is shown all the same.
func TestStartedWithoutTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.Projected.Messages = stuck{} })
	ann := w.person("Ann")
	if _, err := w.log.DB().ExecContext(t.Context(), `DELETE FROM users`); err != nil {
		t.Fatal(err)
	}
	bob := w.person("Bob")
	r := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}}).want(http.StatusCreated)
	if !strings.Contains(r.raw, bob.id.String()) || len(r.body["participants"].([]any)) != 2 {
		t.Errorf("started: %s", r.raw)
	}
}
