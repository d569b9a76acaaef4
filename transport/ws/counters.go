package ws

import (
	"sync/atomic"

	"chainmail/transport/frame"
)

// Counters are what a server has seen since it was made.
type Counters struct {
	Opened    int64 // handshakes that were completed
	Invalid   int64 // frames from clients that were refused unread
	FramesOut int64
	TooSlow   int64 // connections closed because they read too slowly
	CatchUps  int64 // connections that are catching up now
	// Of users who sent too many of them:
	Typing, Syncs int64 // frames that were refused
	Delayed       int64 // frames that had to wait because nothing else limits them
}

// Kinds are what a server has seen by what it was. The maps have the same keys each time, and are the caller's.
type Kinds struct {
	FramesIn map[frame.Type]int64
	Errors   map[frame.Code]int64 // error frames to clients
	// Closed are the connections that have ended, by the code of the first close frame that was sent or received; 1006 for those
	// that had none (RFC 6455 §7.1.5), 0 for codes that RFC 6455 does not have.
	Closed map[int]int64
}

// Queued is what waits for the sockets.
type Queued struct {
	Bytes   int64 // of all connections together, what they hold back included
	Largest int64 // of the connection that has most
}

// counts are counted without a lock. The maps never change, what they point to does.
type counts struct {
	opened, invalid, out, slow, catchUps atomic.Int64

	in     map[frame.Type]*atomic.Int64
	errors map[frame.Code]*atomic.Int64
	closed map[int]*atomic.Int64
}

// otherCode stands for close codes that are not counted by themselves.
const otherCode = 0

func (c *counts) init() {
	c.in = countersOf(frame.ChatMessage, frame.Delivered, frame.Read, frame.Typing, frame.Ping,
		frame.Subscribe, frame.Unsubscribe, frame.Sync, frame.Authenticate)
	c.errors = countersOf(frame.InvalidJSON, frame.MissingField, frame.UnknownType, frame.InvalidField, frame.UnknownField,
		frame.TooLarge, frame.NotAParticipant, frame.ReceiverNotFound, frame.ConversationNotFound, frame.MessageNotFound,
		frame.Forbidden, frame.Unauthenticated, frame.RateLimited, frame.Unavailable, frame.Internal)
	c.closed = countersOf(codeNormal, codeGoingAway, codeProtocolError, codeUnsupported, codeNoStatus, codeAbnormal, codeNotUTF8,
		codePolicy, codeTooBig, codeRestart, codeTryAgainLater, otherCode)
}

func countersOf[K comparable](keys ...K) map[K]*atomic.Int64 {
	counters := make(map[K]*atomic.Int64, len(keys))
	for _, k := range keys {
		counters[k] = new(atomic.Int64)
	}
	return counters
}

// received counts a client's frame, one that was refused at once included.
func (c *counts) received(f *frame.Frame, bad *frame.Error) {
	if n := c.in[f.Type]; n != nil && bad == nil {
		n.Add(1)
	} else {
		c.invalid.Add(1)
	}
}

// answered counts a frame to a client if it is an error.
func (c *counts) answered(m message) {
	if e, is := m.(*frame.Error); is {
		if n := c.errors[e.Code]; n != nil {
			n.Add(1)
		}
	}
}

// ended counts a connection that has ended with the code.
func (c *counts) ended(code int) {
	n := c.closed[code]
	if n == nil {
		n = c.closed[otherCode]
	}
	n.Add(1)
}

// Counters returns what the server has seen.
func (s *Server) Counters() Counters {
	c := &s.counts
	return Counters{
		Opened: c.opened.Load(), Invalid: c.invalid.Load(), FramesOut: c.out.Load(),
		TooSlow: c.slow.Load(), CatchUps: c.catchUps.Load(),
		Typing: s.signals.Refused(), Syncs: s.syncs.Refused(), Delayed: s.free.Refused(),
	}
}

// Kinds returns what the server has seen by what it was.
func (s *Server) Kinds() Kinds {
	return Kinds{FramesIn: valuesOf(s.counts.in), Errors: valuesOf(s.counts.errors), Closed: valuesOf(s.counts.closed)}
}

func valuesOf[K comparable](counters map[K]*atomic.Int64) map[K]int64 {
	values := make(map[K]int64, len(counters))
	for k, n := range counters {
		values[k] = n.Load()
	}
	return values
}

// Queued tells what waits for the sockets. It looks at each connection.
func (s *Server) Queued() (q Queued) {
	for _, c := range s.appendConns(nil) {
		bytes := c.out.size()
		q.Bytes += bytes
		q.Largest = max(q.Largest, bytes)
	}
	return q
}

// size is how many bytes wait, what is held back included.
func (o *outbox) size() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return int64(o.queue.len() + o.held.len())
}
