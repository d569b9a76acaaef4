package audit

import (
	"time"

	"chainmail/domain"
)

// order is where the log has come to.
type order struct {
	next     domain.Position // the position that follows
	at       time.Time       // when the last intact event was recorded
	versions map[domain.StreamID]*domain.Version
}

func newOrder() order {
	return order{next: 1, versions: make(map[domain.StreamID]*domain.Version)}
}

// place looks at the event's position. It returns the first of the positions that are missing before the
// event, if any are, and false for an event that has no place at all.
func (o *order) place(e *domain.Event, f *findings) (missing domain.Position, ok bool) {
	switch {
	case e.Position < 1:
		f.add(e.Position, KindGap, "an event before position 1, where a log begins")
		return 0, false
	case e.Position < o.next:
		f.add(e.Position, KindGap, "the position comes again, or too late: %d was there before", o.next-1)
		return 0, false
	case e.Position == o.next:
		o.next++
		return 0, true
	}
	missing, last := o.next, e.Position-1
	if missing == last {
		f.add(missing, KindGap, "the event is missing; seals that cover it cannot be checked")
	} else {
		f.add(missing, KindGap, "the events at positions %d to %d are missing; seals that cover them cannot be checked", missing, last)
	}
	o.next = e.Position + 1
	return missing, true
}

// follow checks the event's time and its version in its stream. Of a row that is not intact neither can be
// believed: it was found out already, and those that follow are not held against it.
func (o *order) follow(e *domain.Event, intact bool, f *findings) {
	if intact {
		if !e.RecordedAt.After(o.at) && !o.at.IsZero() {
			f.add(e.Position, KindRecordedAt, "recorded at %s, not after the event before", e.RecordedAt.Format(time.RFC3339Nano))
		}
		o.at = e.RecordedAt
	}
	last := o.versions[e.Stream]
	if last == nil {
		last = new(domain.Version)
		o.versions[e.Stream] = last
	}
	next := *last + 1
	*last = next
	if intact && e.Version != next {
		f.add(e.Position, KindStreamVersion, "version %d of the stream %q, where %d follows", e.Version, string(e.Stream), next)
		*last = max(next-1, e.Version)
	}
}
