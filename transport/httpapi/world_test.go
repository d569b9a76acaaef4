package httpapi_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/batches"
	"chainmail/projections/notifications"
	"chainmail/projections/push"
	"chainmail/projections/state"
	"chainmail/projections/tasks"
	"chainmail/projections/view"
	"chainmail/transport/auth"
	"chainmail/transport/command"
	"chainmail/transport/httpapi"
	"chainmail/transport/presence"
)

func TestMain(m *testing.M) {
	// A listener that was closed while its database was away sleeps up to 5 s before it notices.
	asleep := goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop")
	goleak.VerifyTestMain(pgtest.Runner{M: m}, asleep)
}

// world is a server with all that is behind it: a log, a view, the state tables.
type world struct {
	t        testing.TB
	db       *pgtest.DB
	log      *eventstore.Log
	view     *view.View
	commands *command.Service
	keys     *auth.Keys
	presence *presence.Tracker
	runner   *projections.Runner
	health   atomic.Pointer[httpapi.Health]
	logs     *syncBuffer
	url      string
}

// syncBuffer takes the server's log lines.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// newWorld starts a server; changes adapt its configuration.
func newWorld(t testing.TB, changes ...func(*httpapi.Config)) *world {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	w := &world{t: t, logs: new(syncBuffer), presence: presence.New(time.Now)}
	w.health.Store(&httpapi.Health{})
	var err error
	w.db = pgtest.New(t)
	if w.log, err = eventstoretest.OpenLog(t, w.db.DSN, quiet); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.log.Close() })
	w.run(w.log.Run)
	if w.view, err = view.Load(t.Context(), w.log, quiet); err != nil {
		t.Fatal(err)
	}
	w.run(w.follow)
	settings := projections.Settings{Pause: time.Millisecond, Poll: 50 * time.Millisecond}
	sealing, notices, work := batches.Projection(), notifications.Projection(), tasks.Projection()
	sealing.Pause, notices.Pause, work.Pause = time.Millisecond, time.Millisecond, time.Millisecond
	w.runner = projections.New(w.log, settings, quiet, state.Projection(), sealing, notices, work)
	w.run(w.runner.Run)
	w.commands = command.New(w.log, w.view, finder{w}, quiet)
	w.commands.UseNotifications(finder{w})
	t.Cleanup(w.commands.Close)
	if w.keys, err = auth.New(auth.Config{Secrets: [][]byte{bytes.Repeat([]byte("s"), auth.MinSecret)}}); err != nil {
		t.Fatal(err)
	}
	registry, pusher := prometheus.NewRegistry(), w.pusher()
	cfg := httpapi.Config{
		Log: w.log, LogID: domain.ID{15: 1}, View: w.view, Commands: w.commands, Keys: w.keys,
		Projected: httpapi.Projections{
			Messages: projected{w, state.Name}, Notifications: projected{w, notifications.Name}, Tasks: projected{w, tasks.Name},
		},
		Tables: tables{}, Pushes: pusher, Retell: pusher.Retell,
		Tree: tree{batches.Tree{DB: w.log.DB()}}, Presence: w.presence, Logger: slog.New(slog.NewTextHandler(w.logs, nil)), Now: time.Now,
		Health:  func(context.Context) httpapi.Health { return *w.health.Load() },
		Metrics: registry, Gatherer: registry, Figures: registry,
	}
	for _, change := range changes {
		change(&cfg)
	}
	server := httptest.NewServer(httpapi.New(cfg))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// run runs something until the test ends.
func (w *world) run(f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("run: %v", err)
		}
	})
}

func (w *world) follow(ctx context.Context) error {
	tail := w.log.Tail(w.view.Position())
	for ctx.Err() == nil {
		events, err := tail.Next(ctx)
		if err != nil {
			time.Sleep(time.Millisecond) // the database is away: there is no signal of its return
			continue
		}
		w.view.Apply(events)
	}
	return nil
}

// pusher finds what was missed; it pushes nothing.
func (w *world) pusher() *push.Pusher {
	return push.New(w.log, push.Whole{Tail: w.log.Tail(w.log.Head())}, w.view, push.StateTables{DB: w.log.DB()}, nobody{}, slog.New(slog.DiscardHandler))
}

// settle waits until the tables have everything.
func (w *world) settle() {
	w.t.Helper()
	for _, name := range []string{state.Name, notifications.Name, tasks.Name} {
		if err := w.runner.Wait(w.t.Context(), name, w.log.Head()); err != nil {
			w.t.Fatal(err)
		}
	}
}

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }
