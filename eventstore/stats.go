package eventstore

import (
	"sync/atomic"
	"time"

	"github.com/lib/pq"

	"chainmail/domain"
)

// Appended is what one call of the database has stored.
type Appended struct {
	Events []domain.Event // with their data; not to be changed
	// Took is how long the call took, waiting for the log's lock included; 0 for events that were found in the log after the
	// answer to their call was lost.
	Took time.Duration
}

// Counters are what a log has seen since it was opened.
type Counters struct {
	// Commands that were not stored, by why.
	Conflicts   int64 // decided on something that has changed since; they are decided again
	Repeats     int64 // their key was taken
	Rejected    int64 // the database finds fault with their data
	Unavailable int64 // the database was away or would not write
	Unknown     int64 // their answer was lost, and nobody knows
	// LostAnswers is how often the answer to a call was lost and looked for in the log.
	LostAnswers int64
	// Reconnects is how often the connection that hears of other servers' appends was made anew.
	Reconnects int64
}

// stats are the counters, and who is told of appends.
type stats struct {
	appended func(Appended) // set before Run; nil: nobody

	conflicts, repeats, rejected, unavailable, unknown, lost, reconnects atomic.Int64

	away atomic.Bool // the head could not be read when it was last asked for
}

// Observe has a function called after each commit of this process, by the goroutine that appends: it must be quick. It is set before
// Run.
func (l *Log) Observe(f func(Appended)) { l.stats.appended = f }

// Counters returns what the log has seen.
func (l *Log) Counters() Counters {
	s := &l.stats
	return Counters{
		Conflicts: s.conflicts.Load(), Repeats: s.repeats.Load(), Rejected: s.rejected.Load(),
		Unavailable: s.unavailable.Load(), Unknown: s.unknown.Load(),
		LostAnswers: s.lost.Load(), Reconnects: s.reconnects.Load(),
	}
}

// Waiting is how many calls of Append wait for the commit under way to end.
func (l *Log) Waiting() int { return len(l.queue) }

// Reachable reports whether the database answered when it was last asked for the head, which is once a second.
func (l *Log) Reachable() bool { return !l.stats.away.Load() }

// IsCutShort reports whether the log was found to lack what was in it (ErrCutShort).
func (l *Log) IsCutShort() bool { return l.Doubt() != nil }

func (s *stats) tell(events []domain.Event, took time.Duration) {
	if s.appended != nil {
		s.appended(Appended{events, took})
	}
}

// connection counts what becomes of the listener's connection.
func (s *stats) connection(event pq.ListenerEventType, _ error) {
	if event == pq.ListenerEventReconnected {
		s.reconnects.Add(1)
	}
}
