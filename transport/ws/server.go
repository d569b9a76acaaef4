package ws

import (
	"context"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/domain"
	"chainmail/transport/limit"
)

const (
	// answerWithin is how long a server that stops waits for answers to what is under way: longer than a judge may take.
	answerWithin = 4 * time.Second
	// stopWithin is when a server that stops drops the connections that are left.
	stopWithin = 6 * time.Second
)

// Server serves GET /ws as a http.Handler, and pushes to those who are connected. It takes
// connections once Run has begun.
type Server struct {
	config   Config
	upgrader websocket.Upgrader
	now      func() time.Time
	hub      hub
	counts   counts
	typing   typing

	messages, receipts, signals, syncs, free *limit.Limiter

	running  chan struct{}   // closed by Run when ctx and pushes are set
	ctx      context.Context // set by Run; ends when nothing more may be done
	pushes   Pushes          // set by Run
	stopping chan struct{}   // closed when connections are to be closed

	mu      sync.Mutex
	conns   map[*conn]struct{} // guarded by mu
	stopped bool               // guarded by mu; no connection is taken any more
	work    sync.WaitGroup     // the connections, and looking after sessions
}

// New returns a server that is not running yet.
func New(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Server{
		config:   config,
		now:      config.Now,
		running:  make(chan struct{}),
		stopping: make(chan struct{}),
		conns:    make(map[*conn]struct{}),
	}
	s.upgrader = websocket.Upgrader{
		ReadBufferSize:  readBuffer,
		WriteBufferPool: new(sync.Pool), // nothing is written through gorilla: so it makes no buffer
		CheckOrigin:     allowed(config.AllowedOrigins),
		Error:           refuseUpgrade,
	}
	if config.Others != nil {
		config.Presence.Share(config.Others)
		config.Others.Add(s)
	}
	s.counts.init()
	s.hub.init()
	s.typing.init()
	s.messages = limit.New(config.RateLimit)
	s.receipts = limit.New(apartFromMessages(config.RateLimit))
	s.signals = limit.New(apartFromMessages(config.RateLimit))
	s.syncs = limit.New(syncsAMinute)
	s.free = limit.New(freeAMinute)
	return s
}

// Connections counts the open connections, those on their way in or out included.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Pushed is the position up to which everything was pushed.
func (s *Server) Pushed() domain.Position { return domain.Position(s.hub.pushed.Load()) }

// Run serves connections until ctx ends. Then it closes them with 1012, after the answers to what
// they have sent, and returns once all are gone, within some seconds. The command service, the
// log and the pushes must go on until Run has returned.
func (s *Server) Run(ctx context.Context, pushes Pushes) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s.ctx, s.pushes = inner, pushes
	close(s.running)
	s.keepTime(ctx)

	close(s.stopping)
	s.mu.Lock()
	s.stopped = true
	for c := range s.conns {
		c.interrupt()
	}
	s.mu.Unlock()
	hard := time.AfterFunc(stopWithin, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		for c := range s.conns {
			_ = c.socket.Conn.Close()
		}
	})
	defer hard.Stop()
	s.work.Wait()
	return nil
}

// enter counts a connection in, if the server still takes any.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	s.conns[c] = struct{}{}
	s.work.Add(1)
	return true
}

// leave takes an enter back. It is the last that a connection does.
func (s *Server) leave(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.work.Done()
}
