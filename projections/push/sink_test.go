package push_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/projections/push"
	"chainmail/projections/view"
)

// got is one frame as a user got it.
type got struct {
	position domain.Position
	origin   domain.ID
	frame    string
}

// sink remembers what everybody got.
type sink struct {
	offline    map[domain.ID]bool
	registered func(before domain.Position) []domain.ID // for broadcasts
	watcher    domain.ID                                // has a connection that watches

	mu       sync.Mutex
	frames   map[domain.ID][]got
	watched  push.Watched
	met      []string // the conversation and the newcomers of each Meet
	advanced domain.Position
	waiting  map[domain.Position]chan struct{}
	pushed   chan got // every frame, for those who wait; nil for none
}

func newSink() *sink {
	return &sink{
		offline: map[domain.ID]bool{}, frames: map[domain.ID][]got{}, waiting: map[domain.Position]chan struct{}{},
		watched: push.Watched{},
	}
}

func (s *sink) Connected(user domain.ID) bool { return !s.offline[user] }

func (s *sink) Push(users []domain.ID, position domain.Position, origin domain.ID, frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, user := range users {
		s.frames[user] = append(s.frames[user], got{position, origin, string(frame)})
	}
	if s.pushed != nil {
		s.pushed <- got{position, origin, string(frame)}
	}
}

// Watched asks no one: what nobody watches is dropped by PushTask.
func (s *sink) Watched(_, _ domain.ID) bool { return !s.watcher.IsZero() }

func (s *sink) PushTask(users []domain.ID, task, project domain.ID, position domain.Position, frame []byte) {
	users = slices.Clone(users)
	if s.watches(task, position) || s.watches(project, position) {
		users = append(users, s.watcher)
	}
	s.Push(users, position, domain.ID{}, frame)
}

func (s *sink) watches(id domain.ID, position domain.Position) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, watched := s.watched[id]
	return watched && position > from
}

func (s *sink) Broadcast(position domain.Position, frame []byte) {
	s.Push(s.registered(position), position, domain.ID{}, frame)
}

func (s *sink) Meet(conversation domain.ID, newcomers []domain.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.met = append(s.met, fmt.Sprint(conversation, newcomers))
}

func (s *sink) Acquaint(one, other domain.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.met = append(s.met, fmt.Sprint(one, other))
}

func (s *sink) Advance(position domain.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advanced = position
	for at, done := range s.waiting {
		if at <= position {
			close(done)
			delete(s.waiting, at)
		}
	}
}

func (s *sink) wait(position domain.Position) {
	s.mu.Lock()
	done := make(chan struct{})
	if s.advanced >= position {
		close(done)
	} else {
		s.waiting[position] = done
	}
	s.mu.Unlock()
	<-done
}

func (s *sink) of(user domain.ID) []got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.frames[user])
}

var quiet = slog.New(slog.DiscardHandler)

// pusher returns one that begins at the world's head; what it pushes goes to the sink.
func pusher(tb testing.TB, w *world, s push.Sink, batch int) (*push.Pusher, *view.View) {
	tb.Helper()
	v, err := view.Load(context.Background(), w, quiet)
	if err != nil {
		tb.Fatal(err)
	}
	return push.New(w, push.Whole{Tail: &tail{w: w, after: v.Position(), size: batch}}, v, w, s, quiet), v
}

// run runs the pusher until the function that it returns is called.
func run(tb testing.TB, p *push.Pusher) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("run: %v", err)
		}
	}
}

// collect returns what a call of CatchUp or Undelivered emits.
func collect(tb testing.TB, call func(push.EmitFunc) error) []got {
	tb.Helper()
	var frames []got
	err := call(func(at domain.Position, origin domain.ID, frame []byte) error {
		frames = append(frames, got{at, origin, string(frame)})
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return frames
}
