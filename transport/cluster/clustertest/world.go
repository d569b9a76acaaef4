// Package clustertest joins servers of a test through a database, with a time that the test moves and words that it may lose.
package clustertest

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/notify"
)

// key is that of all servers.
var key = []byte("of all servers")

// patience is how long a test waits for what must come.
const patience = time.Minute

// World is some servers on one database.
type World struct {
	t       testing.TB
	dsn     string
	mu      sync.Mutex
	at      time.Time // guarded by mu
	servers []*Server // the living ones
}

// Server is one of them. It is also its own carrier, which counts.
type Server struct {
	Node *cluster.Node
	// Lost drops words of this server on their way, where it is not nil. It is set while nothing is under way.
	Lost func(cluster.Word) bool

	id      domain.ID
	carrier *notify.Carrier
	ticks   chan time.Time
	sent    atomic.Int64
	mu      sync.Mutex
	got     map[domain.ID]int64 // guarded by mu; words of each server
	base    map[domain.ID]int64 // how many others had said before this one listened
	muted   atomic.Bool
	end     func()
}

// New returns a world without servers, at a time of its own.
func New(t testing.TB, dsn string) *World {
	return &World{t: t, dsn: dsn, at: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)}
}

// Now is the world's time.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// Add makes a server that does not run yet.
func (w *World) Add() *Server {
	w.t.Helper()
	db, err := eventstore.OpenDB(w.dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	w.t.Cleanup(func() { _ = db.Close() })
	s := &Server{id: domain.ID(uuid.New()), ticks: make(chan time.Time), got: make(map[domain.ID]int64), base: make(map[domain.ID]int64)}
	s.carrier = notify.New(w.dsn, db, s.id, key, slog.New(slog.DiscardHandler))
	s.Node = cluster.NewNode(s, s.id, cluster.Settings{Now: w.Now, Ticks: s.ticks})
	return s
}

// Send is [cluster.Bus].
func (s *Server) Send(word cluster.Word) {
	if s.muted.Load() || s.Lost != nil && s.Lost(word) {
		return
	}
	s.sent.Add(1)
	s.carrier.Send(word)
}

// Run is [cluster.Bus].
func (s *Server) Run(ctx context.Context, receive func(cluster.Word)) error {
	return s.carrier.Run(ctx, func(word cluster.Word) {
		if word.Kind != 0 {
			receive(word)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got[word.From]++
	})
}

func (s *Server) heard(from domain.ID) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got[from]
}

// Run runs a server, which ends with the test, and returns when it listens. Nobody has beaten yet.
func (w *World) Run(s *Server) {
	w.t.Helper()
	for _, other := range w.servers {
		s.base[other.id], other.base[s.id] = other.sent.Load(), 0
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Node.Run(ctx) }() // end waits for it
	s.end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("run a node: %v", err)
		}
	})
	w.t.Cleanup(s.end)
	w.servers = append(w.servers, s)
	probe := domain.ID(uuid.New())
	w.Eventually("the server listens", func() bool {
		w.say(cluster.Word{From: probe})
		return s.heard(probe) > 0
	})
}

// say says a word as the server that it is from.
func (w *World) say(word cluster.Word) {
	w.t.Helper()
	db, err := eventstore.OpenDB(w.dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	carrier := notify.New(w.dsn, db, word.From, key, slog.New(slog.DiscardHandler))
	carrier.Send(word)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := carrier.Run(ended, func(cluster.Word) {}); err != nil { // says what waits
		w.t.Fatal(err)
	}
}

// Kill ends a server without a last word.
func (w *World) Kill(s *Server) {
	s.muted.Store(true)
	w.Stop(s)
}

// Stop ends a server.
func (w *World) Stop(s *Server) {
	w.t.Helper()
	s.end()
	left := w.servers[:0]
	for _, other := range w.servers {
		if other != s {
			left = append(left, other)
		}
	}
	w.servers = left
	for _, other := range w.servers {
		w.Eventually("the last words were heard", func() bool { return other.heard(s.id)+other.base[s.id] == s.sent.Load() })
	}
}

// Advance moves the time, in steps of a second or less, and returns when everything that was said has been heard.
func (w *World) Advance(d time.Duration) {
	w.t.Helper()
	for d > 0 {
		step := min(d, time.Second)
		d -= step
		w.mu.Lock()
		w.at = w.at.Add(step)
		w.mu.Unlock()
		w.Tick()
	}
}

// Tick lets the servers look at the time, and returns when everything that was said has been heard.
func (w *World) Tick() {
	w.t.Helper()
	for range 2 { // the second is taken when the first was dealt with
		for _, s := range w.servers {
			s.ticks <- w.Now()
		}
	}
	w.Settle()
}

// Settle returns when everything that was said has been heard.
func (w *World) Settle() {
	w.t.Helper()
	w.Eventually("everything said is heard", func() bool {
		var said int64
		for _, from := range w.servers {
			sent := from.sent.Load()
			said += sent
			for _, to := range w.servers {
				if to != from && to.heard(from.id)+to.base[from.id] < sent {
					return false
				}
			}
		}
		for _, from := range w.servers {
			said -= from.sent.Load()
		}
		return said == 0
	})
}

// Eventually asks again and again until the answer is yes, and fails the test when it stays no.
func (w *World) Eventually(what string, yes func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); !yes(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("it never became true that %s", what)
		}
	}
}
