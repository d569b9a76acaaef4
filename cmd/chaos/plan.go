package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// step is one fault at its time.
type step struct {
	at     time.Duration // since the clients began
	hold   time.Duration // for how long things stay broken
	fault  string
	server int    // which server is concerned, or whose way to others
	seed   uint64 // for what the fault chooses itself
}

// String says it in a line.
func (s step) String() string {
	return fmt.Sprintf("%8s  %-17s server-%d, for %s", s.at.Round(10*time.Millisecond), s.fault, s.server+1, s.hold.Round(10*time.Millisecond))
}

// settleIn is for how long nothing is broken at the beginning.
const settleIn = 2 * time.Second

// makePlan spreads faults over a run: each of them in turn, in an order of its own for each seed, with pauses in which
// things recover.
func makePlan(seed uint64, duration time.Duration, servers int, names []string) []step {
	random := rand.New(rand.NewPCG(seed, 0))
	var plan []step
	var turn []string
	for at := settleIn; len(names) > 0; {
		if len(turn) == 0 {
			turn = slices.Clone(names)
			random.Shuffle(len(turn), func(i, j int) { turn[i], turn[j] = turn[j], turn[i] })
		}
		f := faults[turn[0]]
		s := step{
			at: at, hold: f.least + time.Duration(random.Int64N(int64(f.most-f.least)+1)), fault: turn[0],
			server: random.IntN(servers), seed: random.Uint64(),
		}
		if s.at+s.hold > duration {
			break
		}
		plan, turn = append(plan, s), turn[1:]
		at += s.hold + time.Second + time.Duration(random.Int64N(int64(3*time.Second)))
	}
	return plan
}

// have says what a fleet has that can be broken, besides servers and PostgreSQL.
type have struct{ redis, disk, clock bool }

// chooseFaults resolves --faults: names, or all that this fleet can have.
func chooseFaults(wanted []string, h have) ([]string, error) {
	var all []string
	for name := range faults {
		possible := true
		switch {
		case strings.Contains(name, "redis"):
			possible = h.redis
		case name == "full-disk":
			possible = h.disk
		case name == "jump-clock":
			possible = h.clock
		}
		if possible {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	if len(wanted) == 0 {
		return all, nil
	}
	for _, name := range wanted {
		if _, known := faults[name]; !known {
			return nil, fmt.Errorf("--faults: %q is none of %s", name, strings.Join(all, ", "))
		}
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("--faults: %s can't be had here", name)
		}
	}
	return wanted, nil
}
