package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"
)

// kills kills a part at random and starts it again, so many times, each time once everything was whole and messages went through.
func kills(cycles int) disturb {
	return func(ctx context.Context, r *run) error {
		random := rand.New(rand.NewPCG(r.options.Seed, 0))
		for n := range cycles {
			if err := r.acknowledged(ctx, 1+random.Int64N(30)); err != nil {
				return fmt.Errorf("cycle %d: %w", n+1, err)
			}
			s := step{server: random.IntN(len(r.fleet.Servers)), hold: time.Duration(random.Int64N(int64(300 * time.Millisecond)))}
			what, do := r.part(random, s)
			if err := r.step(ctx, fmt.Sprintf("%4d  kill %s", n+1, what), func() error { return do(ctx) }); err != nil {
				return err
			}
		}
		return nil
	}
}

// part chooses what is killed.
func (r *run) part(random *rand.Rand, s step) (what string, do func(context.Context) error) {
	server := r.fleet.Servers[s.server]
	parts := 4
	if r.fleet.UsesRedis() {
		parts = 5
	}
	switch random.IntN(parts) {
	case 0:
		return "PostgreSQL", func(ctx context.Context) error { return killPostgres(ctx, r.fleet, s) }
	case 1:
		return "the proxy before " + server.Name, func(ctx context.Context) error { return flap(postgres)(ctx, r.fleet, s) }
	case 4:
		return "Redis", func(ctx context.Context) error { return killRedis(ctx, r.fleet, s) }
	default:
		return server.Name, func(ctx context.Context) error { return endServer(syscall.SIGKILL)(ctx, r.fleet, s) }
	}
}

// acknowledged waits until so many more messages were.
func (r *run) acknowledged(ctx context.Context, more int64) error {
	target := r.crowd.Acked() + more
	for deadline := time.Now().Add(time.Minute); r.crowd.Acked() < target; {
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d of %d messages were acknowledged within a minute", more-target+r.crowd.Acked(), more)
		}
		hold(ctx, 10*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
