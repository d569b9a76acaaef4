package ws

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/domain"
)

// conn is one connection. Its reader is the goroutine that owns it: it ends last, after the
// writer and whatever catches up.
type conn struct {
	server  *Server
	ws      *websocket.Conn // owned by the reader
	socket  *socket
	number  int64     // of the server's connections, from 1; for its log
	began   time.Time // when it was opened
	out     outbox
	user    domain.ID    // set by admit, before known
	known   atomic.Bool  // admitted: user is set and counts
	heard   atomic.Int64 // when the peer was last heard, in Unix nanoseconds
	retired atomic.Bool  // the server wants to be rid of it
	tasks   sync.WaitGroup

	mu       sync.Mutex
	actor    domain.Actor       // guarded by mu for all but the reader, who alone sets it
	token    validity           // guarded by mu
	cancel   context.CancelFunc // guarded by mu; ends what catches up; nil when nothing does
	syncing  bool               // guarded by mu; a sync is asked for or under way
	next     *missed            // guarded by mu; what to catch up with after what is under way
	underway int                // guarded by mu; sends and receipts without an answer
	waits    bool               // guarded by mu; the reader waits for answers
	answer   chan struct{}      // guarded by mu; closed by the next answer; nil when nobody waits
	beat     time.Time          // owned by the sweep; when the next heartbeat is due

	watched map[domain.ID]domain.Position // guarded by mu; tasks and projects subscribed to, and the log's position then
}

// validity is how long a token lasts and what was said of it.
type validity struct {
	expires time.Time
	warn    time.Time // when token_expiring is due; zero once it was sent
}

func (s *Server) newConn(ws *websocket.Conn, socket *socket) *conn {
	c := &conn{server: s, ws: ws, socket: socket, number: s.counts.opened.Add(1)}
	c.out = outbox{socket: socket, counts: &s.counts, ended: make(chan struct{})}
	now := s.now()
	c.began = now
	c.heard.Store(now.UnixNano())
	c.beat = now.Add(heartbeatEvery)
	ws.SetReadLimit(readLimit)
	ws.SetPingHandler(c.ping)
	ws.SetPongHandler(func(string) error { c.heardNow(); return nil })
	ws.SetCloseHandler(func(int, string) error { return nil })
	return c
}

// ping answers a control ping with its body (RFC 6455 §5.5.3).
func (c *conn) ping(body string) error {
	c.heardNow()
	c.out.raw(appendFrame(nil, pongFrame, []byte(body)))
	c.spend()
	return nil
}

func (c *conn) heardNow() { c.heard.Store(c.server.now().UnixNano()) }

// interrupt makes the reader look up from its read.
func (c *conn) interrupt() { _ = c.socket.Conn.SetReadDeadline(time.Unix(1, 0)) }

// run reads until the connection ends, and cleans up. It is the connection's goroutine.
func (c *conn) run() {
	defer c.server.leave(c)
	err := c.read()
	c.part()
	c.finish(err)
	c.tasks.Wait()
	c.out.wait()
	_ = c.socket.Conn.Close() // it may be closed already
	c.ended()
}

// ended counts the connection's end and tells of it. What the peer gave as its reason is not told: it may be anything.
func (c *conn) ended() {
	code := c.out.closedWith()
	c.server.counts.ended(code)
	c.logger().Debug("a connection has ended", slog.Int("code", code), slog.Duration("took", c.server.now().Sub(c.began)))
}

// logger adds to its lines whose connection it is.
func (c *conn) logger() *slog.Logger {
	log := c.server.config.Logger.With(slog.Int64("connection", c.number))
	if !c.admitted() {
		return log
	}
	return log.With(slog.String("user", c.user.String()))
}

// admitted reports whether the connection is somebody's.
func (c *conn) admitted() bool { return c.known.Load() }

// arrive makes the user's connection known.
func (c *conn) arrive() {
	c.known.Store(true)
	if c.server.config.Presence.Arrive(c.user) {
		c.server.tellPresence(c.user, true, time.Time{})
	}
}

// part takes back what admit and arrive have done, and stops catching up.
func (c *conn) part() {
	if !c.admitted() {
		return
	}
	c.mu.Lock()
	if c.cancel != nil {
		c.cancel()
	}
	c.mu.Unlock()
	c.server.forgo(c.user, c.server.hub.remove(c))
	if c.server.config.Presence.Leave(c.user) {
		c.server.stopTyping(c.user)
	}
}
