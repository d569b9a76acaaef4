package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"chainmail/cmd/chaos/crowd"
	"chainmail/cmd/chaos/fleet"
	"chainmail/cmd/chaos/history"
)

// run is one run: a fleet, a crowd on it, and what is done to them.
type run struct {
	options options
	dir     string
	out     io.Writer
	fleet   *fleet.Fleet
	crowd   *crowd.Crowd
	began   time.Time
	done    []done
	loss    *history.Loss // nil for none
	report  report
}

// quietFor is for how long nothing but seals is appended before the end is believed to have come, on a busy machine.
const quietFor = 3 * time.Second

// done is a fault that was done.
type done struct {
	what     string
	from, to time.Duration // while it lasted
	whole    time.Duration // when all servers were ready again
	acked    int64         // messages acknowledged meanwhile
	broken   int64         // connections that broke meanwhile
}

// disturb breaks things; it returns when nothing is broken any more.
type disturb func(ctx context.Context, r *run) error

// play brings everything up, has things disturbed, ends it in order, and compares what clients saw with the log.
func play(ctx context.Context, o options, dir string, out io.Writer, disturb disturb) (_ report, err error) {
	r := &run{options: o, dir: dir, out: out}
	say(out, "starting %d servers", o.Servers)
	r.fleet, err = fleet.Start(ctx, o.fleet(dir))
	if err != nil {
		return r.report, err
	}
	defer func() { err = errors.Join(err, r.fleet.Close()) }()
	r.began = time.Now()
	config := o.crowd()
	var balancer *balancer
	if config.Where = r.anyServer; o.Rolling {
		if balancer, err = balance(r.fleet); err != nil {
			return r.report, err
		}
		defer func() { err = errors.Join(err, balancer.Close()) }()
		config.Where = func(*rand.Rand) string { return balancer.Address() }
	}
	accounts, err := r.fleet.Register(ctx, config.Names())
	if err != nil {
		return r.report, fmt.Errorf("register users: %w", err)
	}
	r.crowd = crowd.New(config, accounts, r.began)
	if err := r.crowd.Prepare(ctx); err != nil {
		return r.report, err
	}
	r.crowd.Run(ctx)
	disturbed := disturb(ctx, r)
	say(out, "settling: %d messages were acknowledged", r.crowd.Acked())
	if err := r.mend(ctx); err != nil {
		disturbed = errors.Join(disturbed, err)
	}
	h, err := r.crowd.Settle(ctx, crowd.Log{Quiet: r.quiet, Read: r.read})
	if err != nil {
		return r.report, errors.Join(disturbed, err)
	}
	h.Loss = r.loss
	return r.report, errors.Join(disturbed, r.judge(ctx, h))
}

// quiet returns the log's head once nothing is appended any more.
func (r *run) quiet(ctx context.Context) (int64, error) {
	return r.fleet.Postgres.AwaitQuiet(ctx, quietFor)
}

// read reads the whole log.
func (r *run) read(ctx context.Context) (*history.Log, error) {
	events, err := r.fleet.Events(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	log, err := history.NewLog(events)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return log, nil
}

// anyServer is the address of one of the servers that run.
func (r *run) anyServer(random *rand.Rand) string {
	var running []string
	for _, s := range r.fleet.Servers {
		if a := s.Address(); a != "" {
			running = append(running, a)
		}
	}
	if len(running) == 0 {
		return ""
	}
	return running[random.IntN(len(running))]
}

// follow does the steps of a plan, each at its time, or later when the one before took longer.
func (r *run) follow(ctx context.Context, plan []step) error {
	start := time.Since(r.began)
	for _, s := range plan {
		hold(ctx, start+s.at-time.Since(r.began))
		if err := r.step(ctx, s.String(), func() error { return r.do(ctx, s) }); err != nil {
			return err
		}
	}
	hold(ctx, start+r.options.Duration-time.Since(r.began))
	return ctx.Err()
}

// do breaks what a step says, at once with what else it says.
func (r *run) do(ctx context.Context, s step) error {
	if s.also == nil {
		return faults[s.fault].do(ctx, r.fleet, s)
	}
	var both errgroup.Group
	for _, s := range []step{s, *s.also} {
		both.Go(func() error { return faults[s.fault].do(ctx, r.fleet, s) })
	}
	return both.Wait()
}

// step does one thing, waits until all servers are ready, and notes what it did to the clients.
func (r *run) step(ctx context.Context, what string, do func() error) error {
	d := done{what: what, from: time.Since(r.began), acked: r.crowd.Acked(), broken: r.crowd.Broken()}
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	d.to = time.Since(r.began)
	if err := r.mend(ctx); err != nil {
		return err
	}
	d.whole = time.Since(r.began)
	d.acked, d.broken = r.crowd.Acked()-d.acked, r.crowd.Broken()-d.broken
	r.done = append(r.done, d)
	say(r.out, "%s: whole after %s; %d acknowledged, %d connections broke", what, (d.whole - d.to).Round(10*time.Millisecond), d.acked, d.broken)
	return nil
}

// mend starts what has died by itself and waits until all servers are ready. One that does not get ready is a finding.
func (r *run) mend(ctx context.Context) error {
	if !r.fleet.Postgres.Running() {
		return errors.New("PostgreSQL has ended by itself")
	}
	for _, s := range r.fleet.Servers {
		deaths := len(s.Deaths)
		if err := s.Start(ctx); err != nil {
			return err
		}
		if len(s.Deaths) > deaths {
			r.report.find(history.ServerUnavailable, fmt.Sprintf("%s ended by itself: %s", s.Name, s.Deaths[deaths]))
		}
		if err := s.AwaitReady(ctx); err != nil {
			r.report.find(history.ServerUnavailable, err.Error())
			return err
		}
	}
	return nil
}

// say tells how far the run is.
func say(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
