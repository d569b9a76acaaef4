package fanout

import (
	"time"

	"chainmail/domain"
)

// maxPending bounds in bytes what a lane holds that has not been pushed yet. When there is more, all of it is dropped: a
// gap like any other.
const maxPending = 16 << 20

// stream is what has come in a lane and was not taken yet. Its methods are called with the source's lock.
type stream struct {
	began time.Time       // when the connection was made
	heard time.Time       // when the last marker came on it
	fresh bool            // no marker has come on it yet
	last  domain.Position // of the last marker
	open  []arrival       // what came after it
	ready []segment       // ended by a marker, the oldest first
	size  int             // bytes of all that
	grown int             // bytes of open
}

// arrival is an event that came on a channel.
type arrival struct {
	channel channel
	event   domain.Event
}

// segment is what came between two markers.
type segment struct {
	marker
	events []domain.Event
	got    map[channel]int
	size   int
}

// add takes in an event that came on a channel.
func (s *stream) add(a arrival, size int) {
	s.open = append(s.open, a)
	s.grow(size)
}

// mark takes in a marker, and reports whether it follows on the one before.
func (s *stream) mark(m marker, size int) (follows bool) {
	follows = !s.fresh && m.from <= s.last
	if follows && m.to <= s.last {
		return true // a sign of life, or a repeat
	}
	s.grow(size)
	s.ready = append(s.ready, closeSegment(m, s.open, s.grown))
	s.open, s.grown = nil, 0
	s.fresh, s.last = false, m.to
	return follows
}

// closeSegment counts what the marker is about. A channel's events come in order: one that does not is a repeat.
func closeSegment(m marker, arrivals []arrival, size int) segment {
	s := segment{marker: m, size: size}
	if len(arrivals) == 0 {
		return s
	}
	s.got = make(map[channel]int)
	last := make(map[channel]domain.Position)
	for _, a := range arrivals {
		at := a.event.Position
		if at <= m.from || at > m.to || at <= last[a.channel] {
			continue
		}
		last[a.channel] = at
		s.got[a.channel]++
		s.events = append(s.events, a.event)
	}
	return s
}

func (s *stream) grow(size int) {
	s.grown += size
	if s.size += size; s.size > maxPending {
		*s = stream{began: s.began, heard: s.heard, fresh: true}
	}
}

// drop forgets what ends at or before a position.
func (s *stream) drop(through domain.Position) {
	for len(s.ready) > 0 && s.ready[0].to <= through {
		s.pop()
	}
}

func (s *stream) pop() segment {
	first := s.ready[0]
	s.size -= first.size
	s.ready[0] = segment{}
	if s.ready = s.ready[1:]; len(s.ready) == 0 {
		s.ready = nil
	}
	return first
}
