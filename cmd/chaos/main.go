// Command chaos breaks a fleet of servers in every way that can be had for real, while clients write down all that they do and
// see, and then compares that with the log and with what the protocol promises. docs/chaos.md describes it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"chainmail/cmd/chaos/crowd"
	"chainmail/cmd/chaos/fleet"
)

// options are the command line.
type options struct {
	Seed     uint64        `help:"What decides the faults, their times and what clients do; printed, so that a run can be repeated (default: a random one)."`
	Duration time.Duration `default:"10m" help:"How long faults go on (default: ${default})."`
	Servers  int           `default:"3" help:"How many servers (default: ${default})."`
	Clients  int           `default:"40" help:"How many clients that behave (default: ${default})."`
	Pause    time.Duration `default:"1s" help:"Between two rounds of messages of a client, on average (default: ${default})."`
	Redis    bool          `help:"Have the servers use a Redis."`
	Standby  bool          `help:"Have PostgreSQL followed by a synchronous standby, which takes over now and then as one more fault. There is no full disk then."`
	Faults   []string      `sep:"," help:"Which faults; by default all that can be had here."`
	Kills    int           `help:"Kill a random part and start it again, so many times, in place of a plan of faults."`
	Rolling  bool          `help:"Restart every server in turn under all clients, in place of a plan of faults."`
	Lose     bool          `help:"Lose the log's end in a failover to an asynchronous standby, and have that accepted, in place of a plan of faults."`
	Drain    time.Duration `help:"The servers' --drain (default: none; 5s with --rolling)."`
	Program  string        `default:"bin/chainmail" help:"The program (default: ${default})."`
	Keep     bool          `help:"Keep the data and the logs of all processes, and say where; they are kept anyway when something was found."`
}

func main() {
	var o options
	parser := kong.Parse(&o, kong.Name("chaos"),
		kong.Description("Break a fleet of servers, and check what clients saw.\n\nExample:\n  chaos --seed 42 --duration 2m --servers 2"))
	if _, err := chooseFaults(o.Faults, have{true, true, true, true}); err != nil {
		parser.Fatalf("%v", err)
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64()>>32 + 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := o.main(ctx, os.Stdout, o.disturbance(os.Stdout))
	if err != nil {
		parser.Errorf("%v", err)
		os.Exit(2)
	}
	if len(r.findings) > 0 {
		os.Exit(1)
	}
}

// main makes a folder, runs, and prints what came of it.
func (o options) main(ctx context.Context, out io.Writer, disturb disturb) (r report, err error) {
	say(out, "seed %d", o.Seed)
	if o.Rolling && o.Drain == 0 {
		o.Drain = 5 * time.Second
	}
	dir, err := os.MkdirTemp("", "chaos-")
	if err != nil {
		return report{}, err
	}
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL's user has to pass
		return report{}, err
	}
	defer func() {
		if o.Keep || len(r.findings) > 0 || err != nil && ctx.Err() == nil {
			say(out, "data and logs are in %s", dir)
			return
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	r, err = play(ctx, o, dir, out, disturb)
	if err == nil || len(r.findings) > 0 { // else the run did not come to its end
		r.print(out)
	}
	return r, err
}

// disturbance says what is going to be broken, and how often.
func (o options) disturbance(out io.Writer) disturb {
	switch {
	case o.Rolling:
		return rolling
	case o.Kills > 0:
		return kills(o.Kills)
	case o.Lose:
		return lose
	}
	return func(ctx context.Context, r *run) error {
		if r.fleet.NoDisk != nil {
			say(out, "no full disk: %v", r.fleet.NoDisk)
		}
		if r.fleet.NoClock != nil {
			say(out, "no clock that jumps: %v", r.fleet.NoClock)
		}
		if o.Redis && !r.fleet.UsesRedis() {
			say(out, "no faults of Redis: this program has no --redis-url")
		}
		names, err := chooseFaults(o.Faults, have{
			redis: r.fleet.UsesRedis(), disk: r.fleet.Postgres.Disk != nil, clock: r.fleet.Postgres.Clock != nil, standby: r.fleet.Standby != nil,
		})
		if err != nil {
			return err
		}
		plan := makePlan(o.Seed, o.Duration, o.Servers, names)
		for _, s := range plan {
			say(out, "%s", s)
		}
		return r.follow(ctx, plan)
	}
}

// diskSize is room enough for an hour, and little enough to be filled.
const diskSize = 1 << 30

func (o options) fleet(dir string) fleet.Config {
	program := o.Program
	if wd, err := os.Getwd(); err == nil && program[0] != '/' {
		program = fmt.Sprintf("%s/%s", wd, program)
	}
	c := fleet.Config{Program: program, Dir: dir, Servers: o.Servers, Redis: o.Redis, Drain: o.Drain}
	if o.Kills == 0 && !o.Rolling && !o.Lose {
		c.DiskSize, c.Clock = diskSize, true
	}
	if o.Standby {
		c.Standby, c.DiskSize = fleet.Synchronous, 0 // two that change places would need two disks
	}
	if o.Lose {
		c.Standby = fleet.Asynchronous
	}
	return c
}

func (o options) crowd() crowd.Config {
	c := crowd.Config{Devices: o.Clients, Groups: 4, Size: 8, Pause: o.Pause, Fickle: true, Rogues: true, Seed: o.Seed}
	if o.Rolling {
		c.Groups, c.Size, c.Fickle, c.Rogues = max(o.Clients/10, 1), 10, false, false
	}
	return c
}
