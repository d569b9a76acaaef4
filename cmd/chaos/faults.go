package main

import (
	"context"
	"math/rand/v2"
	"syscall"
	"time"

	"chainmail/cmd/chaos/fault"
	"chainmail/cmd/chaos/fleet"
)

// kind is a kind of fault: how long it lasts, and what is done for that long. When it returns everything is as it was
// before, or on its way there.
type kind struct {
	least, most time.Duration
	do          func(ctx context.Context, f *fleet.Fleet, s step) error
}

// faults are all kinds by name.
var faults = map[string]kind{
	"kill-server":      {0, 2 * time.Second, endServer(syscall.SIGKILL)},
	"restart-server":   {0, time.Second, endServer(syscall.SIGTERM)},
	"freeze-server":    {4 * time.Second, 8 * time.Second, freezeServer},
	"kill-postgres":    {0, 2 * time.Second, killPostgres},
	"restart-postgres": {0, 2 * time.Second, restartPostgres},
	"reset-postgres":   {0, time.Second, resetPostgres},
	"cut-postgres":     {2 * time.Second, 4 * time.Second, cutPostgres},
	"slow-postgres":    {3 * time.Second, 6 * time.Second, slowly(postgres)},
	"swallow-postgres": {2 * time.Second, 8 * time.Second, swallow(postgres)},
	"flap-postgres":    {3 * time.Second, 5 * time.Second, flap(postgres)},
	"full-disk":        {3 * time.Second, 6 * time.Second, fillDisk},
	"jump-clock":       {3 * time.Second, 6 * time.Second, jumpClock},
	"failover":         {0, 2 * time.Second, failOver},
	"kill-redis":       {0, 3 * time.Second, killRedis},
	"freeze-redis":     {2 * time.Second, 6 * time.Second, freezeRedis},
	"slow-redis":       {3 * time.Second, 6 * time.Second, slowly(redis)},
	"swallow-redis":    {2 * time.Second, 8 * time.Second, swallow(redis)},
	"flap-redis":       {3 * time.Second, 5 * time.Second, flap(redis)},
}

// way is the proxy between a server and one of those it needs; nil where there is none.
type way func(s *fleet.Server) *fault.Proxy

func postgres(s *fleet.Server) *fault.Proxy { return s.Database }
func redis(s *fleet.Server) *fault.Proxy    { return s.Redis() }

// hold lets things be broken for a while, or until ctx ends.
func hold(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func endServer(signal syscall.Signal) func(context.Context, *fleet.Fleet, step) error {
	return func(ctx context.Context, f *fleet.Fleet, s step) error {
		if err := f.Servers[s.server].End(signal); err != nil {
			return err
		}
		hold(ctx, s.hold)
		return f.Servers[s.server].Start(ctx)
	}
}

// freezeServer stops a server for longer than its leases last, and wakes it.
func freezeServer(ctx context.Context, f *fleet.Fleet, s step) error {
	f.Servers[s.server].Signal(syscall.SIGSTOP)
	defer f.Servers[s.server].Signal(syscall.SIGCONT)
	hold(ctx, s.hold)
	return nil
}

func killPostgres(ctx context.Context, f *fleet.Fleet, s step) error {
	if err := f.Postgres.Kill(); err != nil {
		return err
	}
	hold(ctx, s.hold)
	return f.Postgres.Start(ctx)
}

func restartPostgres(ctx context.Context, f *fleet.Fleet, s step) error {
	if err := f.Postgres.Stop(); err != nil {
		return err
	}
	hold(ctx, s.hold)
	return f.Postgres.Start(ctx)
}

func resetPostgres(ctx context.Context, f *fleet.Fleet, s step) error {
	f.Servers[s.server].Database.Reset()
	hold(ctx, s.hold)
	return nil
}

// cutPostgres cuts every connection to PostgreSQL after some more bytes in one direction, again and again: in the middle of a
// statement, or of the answer to a commit.
func cutPostgres(ctx context.Context, f *fleet.Fleet, s step) error {
	random := rand.New(rand.NewPCG(s.seed, 0))
	for until := time.Now().Add(s.hold); time.Now().Before(until) && ctx.Err() == nil; {
		for _, p := range f.Proxies() {
			p.CutAfter(fault.Direction(random.IntN(2)), random.Int64N(3000))
		}
		hold(ctx, time.Duration(100+random.IntN(400))*time.Millisecond)
	}
	return nil
}

func slowly(w way) func(context.Context, *fleet.Fleet, step) error {
	return func(ctx context.Context, f *fleet.Fleet, s step) error {
		p := w(f.Servers[s.server])
		p.Set(fault.Mode{Delay: time.Duration(10+s.seed%140) * time.Millisecond})
		defer p.Set(fault.Mode{})
		hold(ctx, s.hold)
		return nil
	}
}

// swallow lets nothing through in one direction, or in both.
func swallow(w way) func(context.Context, *fleet.Fleet, step) error {
	return func(ctx context.Context, f *fleet.Fleet, s step) error {
		p := w(f.Servers[s.server])
		p.Set(fault.Mode{Swallow: [][2]bool{{true, true}, {true, false}, {false, true}}[s.seed%3]})
		defer p.Set(fault.Mode{})
		hold(ctx, s.hold)
		return nil
	}
}

// flap takes a way away and gives it back, several times.
func flap(w way) func(context.Context, *fleet.Fleet, step) error {
	return func(ctx context.Context, f *fleet.Fleet, s step) error {
		p, random := w(f.Servers[s.server]), rand.New(rand.NewPCG(s.seed, 0))
		defer p.Set(fault.Mode{})
		for until := time.Now().Add(s.hold); time.Now().Before(until) && ctx.Err() == nil; {
			p.Set(fault.Mode{Refuse: true})
			p.Reset()
			hold(ctx, time.Duration(random.IntN(500))*time.Millisecond)
			p.Set(fault.Mode{})
			hold(ctx, time.Duration(random.IntN(500))*time.Millisecond)
		}
		return nil
	}
}

// fillDisk leaves PostgreSQL no room. It may end itself, and is then started once there is room again.
func fillDisk(ctx context.Context, f *fleet.Fleet, s step) error {
	if err := f.Postgres.Disk.Fill(int64(s.seed % (64 << 10))); err != nil {
		return err
	}
	hold(ctx, s.hold)
	if err := f.Postgres.Disk.Free(); err != nil {
		return err
	}
	if f.Postgres.Running() {
		return nil
	}
	return f.Postgres.Restart(ctx)
}

// jumpClock has PostgreSQL's clock jump by up to an hour, one way or the other, and back again.
func jumpClock(ctx context.Context, f *fleet.Fleet, s step) error {
	random := rand.New(rand.NewPCG(s.seed, 0))
	if err := f.Postgres.Clock.Set(time.Duration(random.Int64N(int64(2*time.Hour))) - time.Hour); err != nil {
		return err
	}
	hold(ctx, s.hold)
	return f.Postgres.Clock.Set(0)
}

// failOver kills the primary, has its standby take over, and makes a new standby of what is left.
func failOver(ctx context.Context, f *fleet.Fleet, s step) error {
	if err := f.Postgres.Kill(); err != nil {
		return err
	}
	hold(ctx, s.hold)
	if err := f.Promote(ctx); err != nil {
		return err
	}
	f.Lead()
	return f.Follow(ctx)
}

func freezeRedis(ctx context.Context, f *fleet.Fleet, s step) error {
	f.Redis.Freeze()
	defer f.Redis.Thaw()
	hold(ctx, s.hold)
	return nil
}

func killRedis(ctx context.Context, f *fleet.Fleet, s step) error {
	if err := f.Redis.Kill(); err != nil {
		return err
	}
	hold(ctx, s.hold)
	return f.Redis.Start(ctx)
}
