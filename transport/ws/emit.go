package ws

import (
	"context"

	"chainmail/domain"
)

// emit queues a frame of a catch-up. It waits while the socket is behind.
func (o *outbox) emit(ctx context.Context, at domain.Position, origin domain.ID, payload []byte) error {
	for {
		o.mu.Lock()
		if o.closing {
			o.mu.Unlock()
			return errEnded
		}
		if o.queue.len() < paceAbove {
			if !o.skips(origin, at) {
				b := o.open(&o.queue)
				b.b = appendFrame(b.b, textFrame, payload)
				o.last = max(o.last, at)
				o.queued()
			}
			o.mu.Unlock()
			return nil
		}
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-o.ended:
			return errEnded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
