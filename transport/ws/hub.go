package ws

import (
	"slices"
	"sync"
	"sync/atomic"

	"chainmail/domain"
)

// maxConnections is how many connections a user may have, at all servers together as far as this one knows.
const maxConnections = 20

// hub knows who is connected, and hands pushes to connections.
//
// Locks are taken in this order: the hub's, a connection's, an outbox's.
type hub struct {
	mu       sync.RWMutex
	users    map[domain.ID][]*conn // guarded by mu; those that passed authentication
	watchers map[domain.ID][]*conn // guarded by mu; those that have subscribed to a task or project

	pushed atomic.Int64 // everything up to this position was pushed
	dirty  []*conn      // owned by the goroutine that pushes; waiting to be flushed
}

func (h *hub) init() {
	h.users, h.watchers = make(map[domain.ID][]*conn), make(map[domain.ID][]*conn)
}

// add counts a user's connection; false when he has too many with those elsewhere. From here on he is Connected.
func (h *hub) add(c *conn, elsewhere int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.users[c.user])+elsewhere >= maxConnections {
		return false
	}
	h.users[c.user] = append(h.users[c.user], c)
	return true
}

// remove takes an add back, and returns what the connection watched.
func (h *hub) remove(c *conn) (watched []domain.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := slices.DeleteFunc(h.users[c.user], func(other *conn) bool { return other == c })
	if len(left) == 0 {
		delete(h.users, c.user)
	} else {
		h.users[c.user] = left
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.watched {
		h.forget(c, id)
		watched = append(watched, id)
	}
	c.watched = nil
	return watched
}

// Connected reports whether the user has a connection here.
func (s *Server) Connected(user domain.ID) bool {
	s.hub.mu.RLock()
	defer s.hub.mu.RUnlock()
	return len(s.hub.users[user]) > 0
}

// Push hands a frame to all connections of the users, save the one whose doing it is: the origin is the
// message's id for a chat_message, its ReadKey for a read, else zero. It never waits for a connection. Push
// and Advance are called by one goroutine at a time. Frames are written when Advance comes; those at a
// position that was advanced to, at once.
func (s *Server) Push(users []domain.ID, position domain.Position, origin domain.ID, frame []byte) {
	h := &s.hub
	h.mu.RLock()
	for _, user := range users {
		h.push(h.users[user], position, origin, frame)
	}
	h.mu.RUnlock()
	h.flushAt(position)
}

// push hands a frame to connections. The caller holds mu to read.
func (h *hub) push(conns []*conn, position domain.Position, origin domain.ID, frame []byte) {
	for _, c := range conns {
		if c.out.push(position, origin, frame) {
			h.dirty = append(h.dirty, c)
		}
	}
}

// flushAt writes what was pushed at a position that was advanced to.
func (h *hub) flushAt(position domain.Position) {
	if int64(position) <= h.pushed.Load() {
		h.flush()
	}
}

// Advance says that every frame up to the position was pushed.
func (s *Server) Advance(position domain.Position) {
	s.hub.pushed.Store(int64(position))
	s.hub.flush()
}

func (h *hub) flush() {
	for i, c := range h.dirty {
		c.out.flush()
		h.dirty[i] = nil
	}
	h.dirty = h.dirty[:0]
}

// join lets a connection take pushes, held back, from a position on. Everything up to that position is
// for it to catch up with: the view has applied a batch before any of it is pushed, and while
// the hub is locked nothing is.
func (s *Server) join(c *conn) domain.Position {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	at := s.config.View.Position()
	c.out.join(at)
	return at
}

// signal hands a frame of the moment to all connections of the users.
func (s *Server) signal(users []domain.ID, m message) {
	if len(users) == 0 {
		return
	}
	payload := m.AppendJSON(nil)
	s.hub.mu.RLock()
	defer s.hub.mu.RUnlock()
	for _, user := range users {
		for _, c := range s.hub.users[user] {
			c.out.signal(payload)
		}
	}
}
