package httpapi_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/projections/view"
	"chainmail/transport/command"
	"chainmail/transport/httpapi"
)

// viewAtDecision does something when a command looks at the state.
type viewAtDecision struct {
	*view.View
	before func()
}

func (v viewAtDecision) Read(look func(*domain.State)) {
	v.before()
	v.View.Read(look)
}

// Once a status is changed, the answer says so and how, even when the log cannot be read any more: "unavailable" would
// say that nothing was stored.
func TestTaskStatusWhenTheLogGoesAway(t *testing.T) {
	t.Parallel()
	var cfg httpapi.Config
	w := newWorld(t, func(c *httpapi.Config) { cfg = *c })
	c := newCrew(w)
	path := "/api/tasks/" + c.author.task(c.author.project("A site"), c.freelancer, "Draw it")
	quiet := slog.New(slog.DiscardHandler)
	read, err := eventstoretest.OpenLog(t, w.db.DSN, quiet)
	if err != nil {
		t.Fatal(err)
	}
	leave := sync.OnceFunc(func() { _ = read.Close() })
	t.Cleanup(leave)
	commands := command.New(w.log, viewAtDecision{w.view, leave}, finder{w}, quiet)
	t.Cleanup(commands.Close)
	cfg.Log, cfg.Commands, cfg.Metrics = read, commands, prometheus.NewRegistry()
	server := httptest.NewServer(httpapi.New(cfg))
	t.Cleanup(server.Close)
	usual := w.url
	w.url = server.URL
	changed := c.freelancer.patch(path+"/status", object{"status": "in_progress"}).want(http.StatusOK)
	w.url = usual
	if shown := c.admin.see(path, changed); shown.raw != changed.raw || changed.text("status") != "in_progress" {
		t.Errorf("got %s, want %s", changed.raw, shown.raw)
	}
}
