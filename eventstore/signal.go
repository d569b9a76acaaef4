package eventstore

import (
	"sync"

	"chainmail/domain"
)

// signal knows the head and wakes whoever waits for it to move. A wake-up says only that there
// may be more; what is true is then read from the log.
type signal struct {
	mu      sync.Mutex
	head    domain.Position            // guarded by mu
	moved   chan struct{}              // guarded by mu; closed and replaced when head moves
	pollers map[chan struct{}]struct{} // guarded by mu; each of capacity 1, so no wake-up is lost

	appending bool            // guarded by mu; this process has an append on its way
	heard     domain.Position // guarded by mu; what others told of meanwhile
}

func (s *signal) init() {
	s.moved = make(chan struct{})
	s.pollers = make(map[chan struct{}]struct{})
}

func (s *signal) position() domain.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head
}

// begin says that an append of this process is on its way.
func (s *signal) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appending = true
}

// end says that it is over, its events, if any, are among the recent ones, and the head is there.
func (s *signal) end(head domain.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moveTo(max(head, s.heard))
	s.appending, s.heard = false, 0
}

// hear takes a notification. While an append of this process is on its way the notification is
// most likely about that one and outran its answer: it waits for the answer, so that tails get
// the events from memory instead of reading the table for them.
func (s *signal) hear(head domain.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.appending {
		s.heard = max(s.heard, head)
		return
	}
	s.moveTo(head)
}

// retract takes back a head that was told and is not there, unless another has come since.
func (s *signal) retract(told, head domain.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head == told {
		s.head = min(s.head, head)
	}
}

// advance moves the head forward, never back, and wakes.
func (s *signal) advance(head domain.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moveTo(head)
}

// moveTo needs mu.
func (s *signal) moveTo(head domain.Position) {
	if head <= s.head {
		return
	}
	s.head = head
	close(s.moved)
	s.moved = make(chan struct{})
	for p := range s.pollers {
		select {
		case p <- struct{}{}:
		default: // one is waiting already
		}
	}
}

// beyond returns a channel that is closed once the head is beyond the position; closed already
// if it is.
func (s *signal) beyond(position domain.Position) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head > position {
		return closed
	}
	return s.moved
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Wakeups returns a channel of capacity 1 that gets a value whenever the head moves, for those
// who poll. Call stop when done.
func (l *Log) Wakeups() (wake <-chan struct{}, stop func()) {
	p := make(chan struct{}, 1)
	l.signal.mu.Lock()
	defer l.signal.mu.Unlock()
	l.signal.pollers[p] = struct{}{}
	return p, func() {
		l.signal.mu.Lock()
		defer l.signal.mu.Unlock()
		delete(l.signal.pollers, p)
	}
}
