package sealer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/merkle"
)

// errNoKey says that the log's current key is not here.
var errNoKey = errors.New("no key to seal with")

// viewTimeout bounds how long a seal waits for the view. It is tried again.
const viewTimeout = 5 * time.Second

// attempt seals the batch, which is due, unless another server did or the log refuses. What is refused is decided again
// at the next step, on what the log then says.
func (s *Sealer) attempt(ctx context.Context) error {
	if !s.own {
		if moved, err := s.follow(ctx); err != nil || moved {
			return err
		}
	}
	if err := s.findKey(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := s.fill(ctx); err != nil {
		return err
	}
	if s.batch.events == 0 {
		s.nothingToSeal()
		return nil
	}
	d, current, err := s.decide()
	if err != nil || !current {
		return err
	}
	results, err := s.log.Append(ctx, d)
	if err != nil {
		return fmt.Errorf("seal up to position %d: %w", s.batch.tree.Size(), err)
	}
	r := results[0]
	if len(r.Events) > 0 {
		s.settle(r.Events[0].Position, began)
		return nil
	}
	s.notBefore = time.Now().Add(s.settings.FirstRetry)
	if r.Conflict { // the log has another key
		return s.await(ctx, r.Head)
	}
	s.own, s.followed = false, never // another server was faster
	return nil
}

// decide signs the batch. It reports false when the log's key has changed meanwhile.
func (s *Sealer) decide() (d domain.Decision, current bool, err error) {
	size, root := s.batch.tree.Size(), s.batch.tree.Root()
	checkpoint, err := merkle.Checkpoint{Origin: s.key.Origin(), Size: size, Root: root}.Sign(s.key)
	if err != nil {
		return domain.Decision{}, false, err
	}
	s.view.Read(func(state *domain.State) {
		if current = state.SealingKey(s.first) == s.key.Verifier; current {
			d = state.Seal(domain.Batch{
				First: domain.Position(s.sealed.Size() + 1), Last: domain.Position(size), Root: root, Checkpoint: checkpoint,
			})
		}
	})
	return d, current, nil
}

// settle goes on after a seal of our own at a position, whose batch was read at a time.
func (s *Sealer) settle(position domain.Position, read time.Time) {
	b := s.batch
	s.own = true
	s.take(b.tree)
	size := domain.Position(b.tree.Size())
	if position == size+1 { // nothing came between the batch and its seal
		s.timing.quietTo(position)
		s.quietTo.Store(int64(position))
		return
	}
	// What comes after the batch is no older than its last event, nor than the reading if that was to the head.
	if !b.whole {
		read = read.Add(-b.youngest)
	}
	s.timing.sealedTo(size, read)
}

// findKey makes sure that the key in hand is the log's current one, as far as the view goes.
func (s *Sealer) findKey(ctx context.Context) error {
	if err := s.await(ctx, s.log.Head()); err != nil {
		return err
	}
	var current string
	s.view.Read(func(state *domain.State) { current = state.SealingKey(s.first) })
	if s.key == nil || s.key.Verifier != current {
		key, err := s.keys(current)
		if err == nil && key.Verifier != current {
			err = errors.New("it is another key")
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errNoKey, err)
		}
		s.key = key
	}
	s.able()
	return nil
}

// await waits until the view includes a position.
func (s *Sealer) await(ctx context.Context, position domain.Position) error {
	ctx, cancel := context.WithTimeout(ctx, viewTimeout)
	defer cancel()
	if err := s.view.Wait(ctx, position); err != nil {
		return fmt.Errorf("wait for the view to include position %d: %w", position, err)
	}
	return nil
}
