package sealer

import (
	"time"

	"chainmail/domain"
)

// timing knows when the next batch is due, from the head and the clock alone.
type timing struct {
	sealed domain.Position // the last one that is sealed
	quiet  domain.Position // up to here only seals are unsealed
	seen   time.Time       // when the first unsealed event was; zero while none is known
	full   time.Time       // when the batch was first seen to be full; zero while it is not
}

// wait returns how long the batch is not due yet: 0 when it is, untilWoken when there is nothing to seal.
func (t *timing) wait(now time.Time, head domain.Position, s Settings, patience time.Duration) time.Duration {
	if head <= max(t.quiet, t.sealed) {
		return untilWoken
	}
	if t.seen.IsZero() || t.seen.After(now) {
		t.seen = now
	}
	due := t.seen.Add(s.Interval)
	if int64(head-t.sealed) >= int64(s.BatchSize) {
		if t.full.IsZero() {
			t.full = now
		}
		if t.full.Before(due) {
			due = t.full
		}
	}
	return max(due.Add(patience).Sub(now), 0)
}

// quietTo says that only seals are unsealed up to a position.
func (t *timing) quietTo(position domain.Position) {
	t.quiet, t.seen, t.full = position, time.Time{}, time.Time{}
}

// sealedTo says that everything up to a position is sealed, and since when the first event after it, if
// there is one, may have been waiting.
func (t *timing) sealedTo(position domain.Position, waiting time.Time) {
	*t = timing{sealed: position, seen: waiting}
}
