package judge

import (
	"context"
	"fmt"
	"sync"

	"chainmail/domain"
)

// perSender is how many questions about one sender's texts may be under way. The model's client has places for 16 (llm.DefaultConcurrent):
// whoever writes much at once waits for himself, and others find a place.
const perSender = 2

// errClosed is, to those who know contexts, that of a server that ends.
var errClosed = fmt.Errorf("wait to ask the language model: %w", context.Canceled)

// turns lets each sender have a few questions under way. Its zero value is ready.
type turns struct {
	mu      sync.Mutex
	senders map[domain.ID]*turn // guarded by mu; those who ask or wait
	closed  bool                // guarded by mu
}

// turn is one sender's.
type turn struct {
	users  int           // guarded by turns.mu: his questions, those that wait too
	places chan struct{} // one entry for each question under way; bound: perSender. When full, the next ones wait, and the first of them goes first
	closed chan struct{} // closed when nobody need wait any more
}

// take waits for the sender's turn, until ctx ends or turns is closed. Whoever got it without an error must call done.
func (t *turns) take(ctx context.Context, sender domain.ID) (done func(), err error) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil, errClosed
	}
	own := t.senders[sender]
	if own == nil {
		if t.senders == nil {
			t.senders = make(map[domain.ID]*turn)
		}
		own = &turn{places: make(chan struct{}, perSender), closed: make(chan struct{})}
		t.senders[sender] = own
	}
	own.users++
	t.mu.Unlock()

	select {
	case own.places <- struct{}{}:
		return func() {
			<-own.places
			t.leave(sender, own)
		}, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-own.closed:
		err = errClosed
	}
	t.leave(sender, own)
	return nil, err
}

// leave forgets a sender with his last question.
func (t *turns) leave(sender domain.ID, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.senders, sender)
	}
}

// close ends all waiting, for good. A second one does nothing.
func (t *turns) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.closed = true
	for _, own := range t.senders {
		close(own.closed)
	}
}
