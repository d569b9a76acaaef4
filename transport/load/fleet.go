package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// fleet is a scenario's sockets. The first that fails fails the fleet, and so the scenario.
type fleet struct {
	clients []*client // by account
	synced  atomic.Int64
	closing atomic.Bool // from then on a broken connection is no failure

	ctx    context.Context // ends with the first failure, which is its cause
	cancel context.CancelCauseFunc
	work   sync.WaitGroup // the readers
}

// dialers is how many connections are made at a time.
const dialers = 32

// stall is how long nothing may happen while something is waited for.
const stall = 20 * time.Second

// glance is how often somebody looks whether what he waits for has come.
const glance = 5 * time.Millisecond

// errEnded is the cause with which a fleet ends that did not fail.
var errEnded = errors.New("the scenario is over")

// launch connects an account each and returns when all are told to be up to date. handlerOf gives
// the handler of the nth client. Close the fleet, also after an error.
func (b *bench) launch(ctx context.Context, accounts []Account, handlerOf func(n int, c *client) handler) (*fleet, error) {
	f := &fleet{clients: make([]*client, len(accounts))}
	f.ctx, f.cancel = context.WithCancelCause(ctx)
	since, err := b.head(f.ctx, accounts[0])
	if err != nil {
		return f, err
	}
	f.work.Go(func() {
		if err := f.dial(b.dialer, accounts, since, handlerOf); err != nil {
			f.cancel(err)
		}
	})
	return f, f.wait(b, "connecting", func() (int64, int64) { return f.synced.Load(), int64(len(accounts)) })
}

// dial connects all accounts and starts their readers.
func (f *fleet) dial(d dialer, accounts []Account, since since, handlerOf func(n int, c *client) handler) error {
	group, ctx := errgroup.WithContext(f.ctx)
	group.SetLimit(dialers)
	for n, account := range accounts {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			c, err := d.connect(ctx, n, account, since)
			if err != nil {
				return fmt.Errorf("connect %s: %w", AccountName(n), err)
			}
			f.clients[n] = c
			f.work.Go(func() { f.serve(c, handlerOf(n, c)) })
			return nil
		})
	}
	return group.Wait()
}

// serve reads a client's frames until the fleet ends.
func (f *fleet) serve(c *client, handle handler) {
	ended := make(chan struct{})
	stop := context.AfterFunc(f.ctx, func() {
		defer close(ended)
		c.close()
	})
	defer func() {
		if stop() {
			c.close()
			return
		}
		<-ended
	}()
	err := c.read(func(kind string, frame []byte) error {
		if kind == "synced" {
			f.synced.Add(1)
			return nil
		}
		return handle(kind, frame)
	})
	if !f.closing.Load() {
		f.cancel(fmt.Errorf("socket of %s: %w", c.account.ID, err))
	}
}

// wait returns when progress says that all is done, and fails when nothing happens for long.
func (f *fleet) wait(b *bench, stage string, progress func() (done, total int64)) error {
	last, lastAt := int64(-1), time.Now()
	for {
		done, total := progress()
		if done >= total {
			return context.Cause(f.ctx)
		}
		if done != last {
			last, lastAt = done, time.Now()
		}
		if time.Since(lastAt) > stall {
			return fmt.Errorf("%s: nothing came for %s, %d of %d are missing", stage, stall, total-done, total)
		}
		b.progress(stage, float64(done)/float64(total))
		if err := f.sleep(glance); err != nil {
			return err
		}
	}
}

// sleepReporting lets a time pass and shows it.
func (f *fleet) sleepReporting(b *bench, stage string, d time.Duration) error {
	start := time.Now()
	for {
		passed := time.Since(start)
		if passed >= d {
			return context.Cause(f.ctx)
		}
		b.progress(stage, float64(passed)/float64(d))
		if err := f.sleep(min(100*time.Millisecond, d-passed)); err != nil {
			return err
		}
	}
}

// sleep returns early, with the cause, when the fleet fails.
func (f *fleet) sleep(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-f.ctx.Done():
		return context.Cause(f.ctx)
	case <-timer.C:
		return nil
	}
}

// close ends all connections and waits for their readers.
func (f *fleet) close() {
	f.closing.Store(true)
	f.cancel(errEnded)
	f.work.Wait()
}
