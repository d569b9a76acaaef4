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
	also   *step  // another fault at the same time, nil for none
}

// String says it in a line.
func (s step) String() string {
	text := fmt.Sprintf("%8s  %-17s server-%d, for %s", s.at.Round(10*time.Millisecond), s.fault, s.server+1, s.hold.Round(10*time.Millisecond))
	if s.also != nil {
		text += fmt.Sprintf("; at once %s server-%d, for %s", s.also.fault, s.also.server+1, s.also.hold.Round(10*time.Millisecond))
	}
	return text
}

// lasts is how long something is broken.
func (s step) lasts() time.Duration {
	if s.also != nil {
		return max(s.hold, s.also.hold)
	}
	return s.hold
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
		s := makeStep(random, at, turn[0], servers)
		if other := makeStep(random, at, names[random.IntN(len(names))], servers); random.IntN(3) == 0 && together(s, other) {
			s.also = &other
		}
		if s.at+s.lasts() > duration {
			break
		}
		plan, turn = append(plan, s), turn[1:]
		at += s.lasts() + time.Second + time.Duration(random.Int64N(int64(3*time.Second)))
	}
	return plan
}

func makeStep(random *rand.Rand, at time.Duration, name string, servers int) step {
	f := faults[name]
	return step{
		at: at, hold: f.least + time.Duration(random.Int64N(int64(f.most-f.least)+1)), fault: name,
		server: random.IntN(servers), seed: random.Uint64(),
	}
}

// together reports whether two faults can be had at once: they break different parts, and neither has to wait for what the other
// has broken. A server that is started again needs its PostgreSQL.
func together(a, b step) bool {
	redisOfA, redisOfB := strings.HasSuffix(a.fault, "-redis"), strings.HasSuffix(b.fault, "-redis")
	if redisOfA != redisOfB {
		return true
	}
	serverOfA, serverOfB := strings.HasSuffix(a.fault, "-server"), strings.HasSuffix(b.fault, "-server")
	return serverOfA && serverOfB && a.server != b.server || serverOfA != serverOfB && (oneWay(a) || oneWay(b)) && a.server != b.server
}

// oneWay reports whether a fault lies between one server and PostgreSQL.
func oneWay(s step) bool {
	return slices.Contains([]string{"reset-postgres", "slow-postgres", "swallow-postgres", "flap-postgres"}, s.fault)
}

// have says what a fleet has that can be broken, besides servers and PostgreSQL.
type have struct{ redis, disk, clock, standby bool }

// chooseFaults resolves --faults: names, or all that this fleet can have.
func chooseFaults(wanted []string, h have) ([]string, error) {
	var all []string
	for name := range faults {
		possible := true
		switch {
		case strings.Contains(name, "redis"):
			possible = h.redis
		case name == "failover":
			possible = h.standby
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
