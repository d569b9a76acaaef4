package view

import (
	"context"
	"fmt"
	"log/slog"

	"chainmail/domain"
)

// loadPage is how many deciding events are read at a time.
const loadPage = 5_000

// Log is what a view reads at first: the deciding events after a position, in order and
// an empty page at the end; and a position that is known to be in the log.
type Log interface {
	Head() domain.Position
	ReadDeciding(ctx context.Context, after domain.Position, limit int) ([]domain.Event, error)
}

// Load returns a view that includes the log's head at the time of the call, or what comes later.
func Load(ctx context.Context, log Log, logger *slog.Logger) (*View, error) {
	v := newView(log, logger)
	if err := v.Refresh(ctx); err != nil {
		return nil, err
	}
	return v, nil
}

// Refresh goes on to the log's head. It is for commands that look once; it must not be called
// while anybody calls Apply, since it reads past the messages. After an error the view is true
// as of its position, and Refresh may be called again.
func (v *View) Refresh(ctx context.Context) error {
	// The head is read first: every deciding event up to it is then among the pages.
	head := v.log.Head()
	for {
		after := v.Position()
		events, err := v.log.ReadDeciding(ctx, after, loadPage)
		if err != nil {
			return fmt.Errorf("load view after %d: %w", after, err)
		}
		if len(events) == 0 {
			break
		}
		v.fold(events)
	}
	v.skipTo(head)
	return nil
}

// fold applies deciding events alone. Positions between them are taken as read.
func (v *View) fold(events []domain.Event) {
	v.mu.Lock()
	for _, e := range events {
		v.decide(e)
	}
	v.loaded = v.state.Position
	clear(v.activity)
	v.mu.Unlock()
	v.reached()
}

// skipTo moves the position over events that decide nothing.
func (v *View) skipTo(head domain.Position) {
	v.mu.Lock()
	v.state.Position = max(v.state.Position, head)
	if v.loaded < v.state.Position {
		v.loaded = v.state.Position
		clear(v.activity)
	}
	v.mu.Unlock()
	v.reached()
}
