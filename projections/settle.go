package projections

import (
	"context"
	"errors"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"chainmail/domain"
)

// settle is the outermost middleware: it takes note of an error and lets the message be
// acknowledged. The events are read again after the offset, with the lease free in between.
func (w *worker) settle(h message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		_, err := h(msg)
		if err != nil && w.hard.Err() == nil && !errors.Is(err, context.Canceled) {
			w.fail(err)
		}
		return nil, nil
	}
}

const recordSQL = `
	UPDATE projection_offsets
	SET failed_position = $3, failure = $4, failed_at = now()
	WHERE projection = $1 AND version = $2 AND position < $3`

// fail records why the projection is stuck, and tells it once.
func (w *worker) fail(err error) {
	w.mu.Lock()
	f := describe(err, w.position+1)
	w.failure, w.recorded = &f, false
	first := w.logged != f.reason
	w.logged = f.reason
	w.moves++ // an offset row that was read before knows nothing of this
	w.announce()
	w.mu.Unlock()
	if first {
		args := []any{"projection", w.projection.Name, "position", int64(f.position), "error", f.reason}
		var panicked *panicError
		if errors.As(err, &panicked) {
			args = append(args, "stack", string(panicked.stack))
		}
		if errors.Is(err, domain.ErrUnknownType) { // as it should be while servers are upgraded one after the other
			w.logger.Warn("a projection leaves an event of a newer release to a newer server", args...)
		} else {
			w.logger.Error("a projection is stuck and tries again", args...)
		}
	}
	ctx, cancel := context.WithTimeout(w.hard, 5*time.Second)
	defer cancel()
	_, err = w.db.ExecContext(ctx, recordSQL, w.projection.Name, w.projection.Version, int64(f.position), f.reason)
	if err != nil {
		w.logger.Debug("cannot record why a projection is stuck", "projection", w.projection.Name, "error", err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recorded = w.failure == &f
}
