package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"chainmail/cmd/chaos/fault"
	"chainmail/cmd/chaos/fleet"
)

// balancer spreads connections over the servers that are ready, as what stands before them does.
type balancer struct {
	*fault.Proxy
	fleet *fleet.Fleet
	turn  atomic.Uint64
}

// balance opens a balancer.
func balance(f *fleet.Fleet) (*balancer, error) {
	b := &balancer{fleet: f}
	var err error
	b.Proxy, err = fault.Listen("127.0.0.1:0", b.next)
	return b, err
}

// next is the next server that is ready.
func (b *balancer) next() (network, address string, ok bool) {
	for range b.fleet.Servers {
		s := b.fleet.Servers[b.turn.Add(1)%uint64(len(b.fleet.Servers))]
		if a := s.Address(); a != "" && s.Ready() {
			return "tcp", a, true
		}
	}
	return "", "", false
}

// rolling restarts every server in turn, each once all clients are connected again.
func rolling(ctx context.Context, r *run) error {
	if err := r.everybodyIsThere(ctx); err != nil {
		return err
	}
	calm := func() error { hold(ctx, 10*time.Second); return ctx.Err() }
	if err := r.step(ctx, "ten seconds without a restart", calm); err != nil {
		return err
	}
	for _, s := range r.fleet.Servers {
		err := r.step(ctx, "rolling restart of "+s.Name, func() error {
			s.Retire()
			if err := s.Ended(ctx); err != nil {
				return err
			}
			if err := s.Start(ctx); err != nil {
				return err
			}
			if err := s.AwaitReady(ctx); err != nil {
				return err
			}
			return r.everybodyIsThere(ctx)
		})
		if err != nil {
			return err
		}
	}
	hold(ctx, 5*time.Second)
	return ctx.Err()
}

// everybodyIsThere waits until all clients are connected and have caught up.
func (r *run) everybodyIsThere(ctx context.Context) error {
	for deadline := time.Now().Add(2 * time.Minute); r.crowd.Connected() < r.crowd.Devices(); {
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d clients are connected after two minutes", r.crowd.Connected(), r.crowd.Devices())
		}
		hold(ctx, 50*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
