package eventstore

import (
	"context"
	"time"

	"chainmail/domain"
)

// tailPage bounds what a tail that lags reads at once.
const tailPage = 1000

// rumourPause is how long a tail waits that was told of more than there is: of nothing, or of what the server that it reads from
// does not show yet.
const rumourPause = 20 * time.Millisecond

// Tail follows the log in order. It belongs to one goroutine.
type Tail struct {
	log      *Log
	position domain.Position
	followed func(Followed) // set before the first Next; nil: nobody is told
}

// Where events are followed from.
const (
	FromMemory = "memory" // this process appended them a moment ago
	FromTable  = "table"
)

// Followed is what a tail has returned.
type Followed struct {
	Events []domain.Event // not to be changed
	Began  time.Time      // when the tail knew that there is more
	From   string         // FromMemory or FromTable, or what else there is
}

// Observe has a function called by each Next that returns events: it must be quick. It is set before the first Next.
func (t *Tail) Observe(f func(Followed)) { t.followed = f }

// Tail returns a tail whose first event is the one after the position.
func (l *Log) Tail(after domain.Position) *Tail { return &Tail{log: l, position: after} }

// Next waits for events and returns those that come right after the last ones it returned, in
// order and without gaps. The caller doesn't change them. On an error of the database the tail
// stays where it is, so Next may be called again. ErrCutShort is for good.
func (t *Tail) Next(ctx context.Context) ([]domain.Event, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-t.log.signal.beyond(t.position):
		}
		if err := t.log.torn(); err != nil {
			return nil, err
		}
		var began time.Time
		if t.followed != nil {
			began = time.Now()
		}
		events, from := t.log.recent.after(t.position), FromMemory
		if events == nil {
			from = FromTable
			var err error
			if events, err = t.log.Read(ctx, t.position, tailPage); err != nil {
				return nil, err
			}
		}
		if len(events) > 0 {
			last := &events[len(events)-1]
			t.position = last.Position
			t.log.seen.note(last.Position, last.ID)
			if t.followed != nil {
				t.followed(Followed{events, began, from})
			}
			return events, nil
		}
		wait(ctx, rumourPause)
	}
}
