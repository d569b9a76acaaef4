package fanout

import (
	"slices"
	"sync"
	"time"

	"chainmail/domain"
)

// inbox is what has come from Redis and was not pushed yet: the lanes fill it, the source empties it.
type inbox struct {
	wake chan struct{} // capacity 1: says that there is news

	mu      sync.Mutex
	epoch   int64     // guarded by mu; the highest seen
	streams []stream  // guarded by mu; one a lane
	broken  time.Time // guarded by mu; when the markers last did not follow on one another
}

func newInbox(lanes int) *inbox {
	in := &inbox{wake: make(chan struct{}, 1), streams: make([]stream, lanes)}
	for lane := range in.streams {
		in.streams[lane].fresh = true
	}
	return in
}

// connected begins a lane anew: its connection was made just now.
func (in *inbox) connected(lane int, now time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.streams[lane] = stream{began: now, fresh: true}
	in.broken = now
}

// believe reports whether the epoch is not lower than others.
func (in *inbox) believe(epoch int64) bool {
	if epoch < in.epoch {
		return false
	}
	in.epoch = epoch
	return true
}

// event takes in an event.
func (in *inbox) event(lane int, epoch int64, a arrival, size int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.believe(epoch) {
		in.streams[lane].add(a, size)
	}
}

// marker takes in a marker.
func (in *inbox) marker(lane int, m marker, size int, now time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.believe(m.epoch) {
		return
	}
	in.streams[lane].heard = now
	if !in.streams[lane].mark(m, size) {
		in.broken = now
	}
	select {
	case in.wake <- struct{}{}:
	default: // it is awake
	}
}

// batch is a part of the log, as it came.
type batch struct {
	parts   []segment // of each lane
	through domain.Position
	readLog bool
	settled time.Time // a channel that was wanted before should have had everything
}

// state is what an inbox has.
type state int

const (
	nothing state = iota // nothing that is complete
	some                 // the next batch
	gap                  // later ones, but not the next
)

// next returns the batch after a position. It is there until a call with a later one.
func (in *inbox) next(after domain.Position, now time.Time) (b batch, s state) {
	in.mu.Lock()
	defer in.mu.Unlock()
	there := 0
	for lane := range in.streams {
		st := &in.streams[lane]
		st.drop(after)
		if len(st.ready) == 0 {
			continue
		}
		if st.ready[0].from > after {
			return batch{}, gap
		}
		there++
	}
	if there < len(in.streams) {
		return batch{}, nothing
	}
	first := in.streams[0].ready[0].marker
	b = batch{through: first.to, readLog: first.readLog, settled: now.Add(-youth)}
	for lane := range in.streams {
		st := &in.streams[lane]
		if m := st.ready[0].marker; m.to != first.to {
			return batch{}, gap // lanes that were cut differently: one has lost something
		}
		if st.began.After(b.settled) {
			b.settled = time.Time{}
		}
	}
	for lane := range in.streams {
		b.parts = append(b.parts, in.streams[lane].ready[0])
	}
	return b, some
}

// passed takes what ends at or before a position.
func (in *inbox) passed(position domain.Position, now time.Time) (b batch) {
	in.mu.Lock()
	defer in.mu.Unlock()
	b.settled = now.Add(-youth)
	for lane := range in.streams {
		st := &in.streams[lane]
		for len(st.ready) > 0 && st.ready[0].to <= position {
			b.parts = append(b.parts, st.pop())
		}
		if st.began.After(b.settled) {
			b.settled = time.Time{}
		}
	}
	return b
}

// events returns what came after a position, in order and once.
func (b batch) events(after domain.Position) []domain.Event {
	var events []domain.Event
	for _, part := range b.parts {
		events = append(events, part.events...)
	}
	events = slices.DeleteFunc(events, func(e domain.Event) bool { return e.Position <= after })
	slices.SortFunc(events, func(a, b domain.Event) int { return int(a.Position - b.Position) })
	return slices.CompactFunc(events, func(a, b domain.Event) bool { return a.Position == b.Position })
}

// sound reports since when the markers have followed on one another, and when every lane last had one.
func (in *inbox) sound() (since, heard time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	heard = in.streams[0].heard
	for lane := range in.streams {
		if at := in.streams[lane].heard; at.Before(heard) {
			heard = at
		}
	}
	return in.broken, heard
}
