package crowd

import (
	"context"
	"time"

	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

// patience is how long the end waits for what has to come; the checker says what has not.
const patience = 60 * time.Second

// Settle ends the run: nobody begins anything new, everything under way is answered, everything is acknowledged, everybody
// comes back once more with since, and leaves. quiet returns the log's head once nothing is appended any more.
func (c *Crowd) Settle(ctx context.Context, quiet func(context.Context) (int64, error)) (*history.History, error) {
	defer c.work.Wait()
	defer c.stop()
	c.quiet.Store(true)
	c.await(ctx, func(d *device) bool { return d.idle() })
	h := &history.History{Settled: c.now(), Unrecorded: c.unknown}
	for _, d := range c.devices {
		d.readAll()
	}
	c.await(ctx, func(d *device) bool { return d.idle() })
	if _, err := quiet(ctx); err != nil {
		return nil, err
	}
	for _, d := range c.devices {
		d.readAll() // what came only now
	}
	c.await(ctx, func(d *device) bool { return d.idle() })
	head, err := quiet(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range c.devices {
		d.comeBack(domain.Position(head))
	}
	c.await(ctx, func(d *device) bool { return d.left() })
	c.stop()
	c.work.Wait()
	for _, d := range c.devices {
		h.Devices = append(h.Devices, d.journal)
	}
	return h, ctx.Err()
}

// await waits until something holds for all devices, or for long enough.
func (c *Crowd) await(ctx context.Context, holds func(*device) bool) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && ctx.Err() == nil; {
		done := true
		for _, d := range c.devices {
			if !holds(d) {
				done = false
				break
			}
		}
		if done {
			return
		}
		pause(ctx, 20*time.Millisecond)
	}
}

// pause waits and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
