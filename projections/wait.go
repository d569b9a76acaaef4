package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chainmail/domain"
)

// ErrStuck says that a projection will not reach a position until somebody helps it.
var ErrStuck = errors.New("the projection is stuck")

// askAgain is how often somebody who waits looks at what other servers have applied.
const askAgain = 20 * time.Millisecond

// Wait returns once the projection has applied the position: at once if it has, else by a signal
// when this process does it, or within some 20 ms when another server does. It returns ErrStuck
// when the projection cannot get there, and the context's error when that ends first.
func (r *Runner) Wait(ctx context.Context, projection string, position domain.Position) error {
	w := r.byName[projection]
	if w == nil {
		return fmt.Errorf("wait for projection %q: there is none", projection)
	}
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		there, stuck, changed := w.reached(position)
		if there {
			return nil
		}
		if stuck != "" {
			return fmt.Errorf("wait for %s to reach %d: %w: %s", projection, position, ErrStuck, stuck)
		}
		select {
		case <-changed:
		case <-again.C:
			r.look(ctx)
		case <-ctx.Done():
			return fmt.Errorf("wait for %s to reach %d: %w", projection, position, ctx.Err())
		}
	}
}

// reached tells whether a position is reached or out of reach, and else what to wait for.
func (w *worker) reached(position domain.Position) (there bool, stuck string, changed <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failure != nil && w.failure.position <= position {
		stuck = w.failure.reason
	}
	return w.position >= position && w.version != 0, stuck, w.changed
}
