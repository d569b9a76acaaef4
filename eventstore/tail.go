package eventstore

import (
	"context"

	"chainmail/domain"
)

// tailPage bounds what a tail that lags reads at once.
const tailPage = 1000

// Tail follows the log in order. It belongs to one goroutine.
type Tail struct {
	log      *Log
	position domain.Position
}

// Tail returns a tail whose first event is the one after the position.
func (l *Log) Tail(after domain.Position) *Tail { return &Tail{log: l, position: after} }

// Next waits for events and returns those that come right after the last ones it returned, in
// order and without gaps. The caller doesn't change them. On an error of the database the tail
// stays where it is, so Next may be called again.
func (t *Tail) Next(ctx context.Context) ([]domain.Event, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-t.log.signal.beyond(t.position):
		}
		events := t.log.recent.after(t.position)
		if events == nil {
			var err error
			if events, err = t.log.Read(ctx, t.position, tailPage); err != nil {
				return nil, err
			}
		}
		if len(events) > 0 {
			t.position = events[len(events)-1].Position
			return events, nil
		}
	}
}
