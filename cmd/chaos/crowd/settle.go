package crowd

import (
	"context"
	"time"

	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

// patience is how long the end waits for what has to come; the checker says what has not.
const patience = 60 * time.Second

// Log is what the end has to know of the log.
type Log struct {
	Quiet func(context.Context) (head int64, err error) // once nothing is appended any more
	Read  func(context.Context) (*history.Log, error)
}

// Settle ends the run: nobody begins anything new, everything under way is answered, everything is acknowledged, some stay away for a
// while, everybody comes back once more with since, and leaves.
func (c *Crowd) Settle(ctx context.Context, log Log) (*history.History, error) {
	defer c.work.Wait()
	defer c.stop()
	c.quiet.Store(true)
	c.await(ctx, func(d *device) bool { return d.idle() })
	h := &history.History{Settled: c.now(), Unrecorded: c.unknown}
	for _, d := range c.devices {
		d.readAll()
	}
	c.await(ctx, func(d *device) bool { return d.idle() })
	var err error
	if h.Gathering, err = c.gather(ctx, log); err != nil {
		return nil, err
	}
	for _, d := range c.devices {
		d.readAll() // what came only now
	}
	c.await(ctx, func(d *device) bool { return d.idle() })
	head, err := log.Quiet(ctx)
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

// gather has some users stay away, once all that was written has arrived, and waits until everybody else was told of it, and of who is
// there.
func (c *Crowd) gather(ctx context.Context, log Log) (*history.Gathering, error) {
	if _, err := log.Quiet(ctx); err != nil {
		return nil, err
	}
	here := make(map[domain.ID]bool)
	for n, a := range c.accounts[:c.config.users()] {
		here[a.ID] = n%5 != 4
	}
	for _, d := range c.devices {
		d.stayAway(!here[d.account.ID])
	}
	known, err := log.Read(ctx)
	if err != nil {
		return nil, err
	}
	peers := make(map[domain.ID][]domain.ID)
	for user := range here {
		peers[user] = known.Peers(user)
	}
	c.await(ctx, func(d *device) bool { return d.agrees(peers[d.account.ID], here) })
	at := c.now()
	for _, d := range c.devices {
		d.stayAway(false)
	}
	return &history.Gathering{At: at, Here: here}, nil
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
