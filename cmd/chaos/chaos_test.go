package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/internal/racetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// build builds the program, with the race detector if the tests have it.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "chainmail")
	args := []string{"build", "-o", program}
	if racetest.On {
		args = append(args, "-race")
	}
	if output, err := exec.Command("go", append(args, "chainmail/cmd/chainmail")...).CombinedOutput(); err != nil {
		t.Fatalf("build chainmail: %v\n%s", err, output)
	}
	return program
}

// The short form of `make chaos`: two servers under load, each kind of fault that a commit, a push or a lease may not survive, and
// nothing to find. Time is the faults' own, not a bound on anything.
func TestGuaranteesHold(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	_, none := exec.LookPath("redis-server")
	if none != nil && os.Getenv("CI") != "" {
		t.Fatal("redis-server is not in PATH: run tools/redis.sh")
	}
	o := options{Seed: 1, Servers: 2, Clients: 16, Pause: time.Second, Program: build(t), Duration: 16 * time.Second, Redis: none == nil}
	plan := []step{
		{at: 500 * time.Millisecond, hold: 2 * time.Second, fault: "cut-postgres", seed: 1},
		{at: 3 * time.Second, hold: 500 * time.Millisecond, fault: "kill-server", server: 0},
		{at: 5 * time.Second, hold: 300 * time.Millisecond, fault: "kill-postgres"},
		{at: 7 * time.Second, hold: 4 * time.Second, fault: "freeze-server", server: 1}, // leases last 3 s
		{at: 12 * time.Second, hold: 500 * time.Millisecond, fault: "restart-server", server: 1},
		{at: 13 * time.Second, hold: 2 * time.Second, fault: "swallow-postgres", server: 0, seed: 2},
	}
	if o.Redis { // the log has to do while it is away, and a server comes up without it
		plan[1].also = &step{hold: 1500 * time.Millisecond, fault: "kill-redis"}
		plan[4].also = &step{hold: time.Second, fault: "freeze-redis"}
	}
	r, err := o.main(t.Context(), &out, func(ctx context.Context, r *run) error { return r.follow(ctx, plan) })
	t.Logf("%s", out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.findings) > 0 {
		t.Error("there are findings")
	}
	if r.messages < o.Clients || r.connections <= o.Clients || r.deliveries == 0 { // then nothing was at stake
		t.Errorf("%d messages, %d connections, %d deliveries: want more of them", r.messages, r.connections, r.deliveries)
	}
}

// A seed decides all: a run can be repeated.
func TestPlanComesFromTheSeed(t *testing.T) {
	t.Parallel()
	names, err := chooseFaults(nil, have{true, true, true, true})
	if err != nil {
		t.Fatal(err)
	}
	plan := makePlan(7, 10*time.Minute, 3, names)
	if again := makePlan(7, 10*time.Minute, 3, names); !reflect.DeepEqual(plan, again) {
		t.Error("the same seed gave another plan")
	}
	if other := makePlan(8, 10*time.Minute, 3, names); reflect.DeepEqual(plan, other) {
		t.Error("another seed gave the same plan")
	}
	for _, name := range names {
		if !slices.ContainsFunc(plan, func(s step) bool { return s.fault == name }) {
			t.Errorf("%s is not in a plan of ten minutes", name)
		}
	}
	twice := 0
	for i, s := range plan {
		if f := faults[s.fault]; s.hold < f.least || s.hold > f.most {
			t.Errorf("%s: not from %s to %s", s, f.least, f.most)
		}
		if i > 0 && s.at <= plan[i-1].at+plan[i-1].lasts() {
			t.Errorf("%s begins before the one before has ended", s)
		}
		if s.also != nil {
			twice++
		}
	}
	if twice == 0 {
		t.Error("no two faults come at once in a plan of ten minutes")
	}
}

func TestFaultsThatCanBeHad(t *testing.T) {
	t.Parallel()
	names, err := chooseFaults(nil, have{})
	if err != nil || slices.Contains(names, "kill-redis") || slices.Contains(names, "full-disk") || !slices.Contains(names, "kill-server") {
		t.Errorf("without Redis and disk: got %v, %v", names, err)
	}
	if _, err := chooseFaults([]string{"kill-server", "earthquake"}, have{true, true, true, true}); err == nil {
		t.Error("a fault that does not exist was accepted")
	}
}
