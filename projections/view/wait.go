package view

import (
	"context"
	"slices"
	"sync"

	"chainmail/domain"
)

// waiting holds those who want to be told when the view includes a position.
type waiting struct {
	mu   sync.Mutex
	list []waiter // guarded by mu; bounded by the calls of Wait under way
}

type waiter struct {
	position domain.Position
	done     chan struct{} // closed when the position is included
}

// Wait returns when the view includes the position, or with the context's error.
func (v *View) Wait(ctx context.Context, position domain.Position) error {
	if v.Position() >= position {
		return nil
	}
	w := waiter{position, make(chan struct{})}
	v.waiting.mu.Lock()
	// Looked at again under the lock: reached stores the position before it takes the lock.
	if v.Position() >= position {
		v.waiting.mu.Unlock()
		return nil
	}
	v.waiting.list = append(v.waiting.list, w)
	v.waiting.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		v.waiting.remove(w)
		return ctx.Err()
	}
}

// reached publishes the state's position and wakes those who waited for it.
func (v *View) reached() {
	v.mu.RLock()
	position := v.state.Position
	v.mu.RUnlock()
	v.position.Store(int64(position))
	v.waiting.mu.Lock()
	defer v.waiting.mu.Unlock()
	v.waiting.list = slices.DeleteFunc(v.waiting.list, func(w waiter) bool {
		if w.position > position {
			return false
		}
		close(w.done)
		return true
	})
}

func (q *waiting) remove(w waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = slices.DeleteFunc(q.list, func(other waiter) bool { return other.done == w.done })
}
