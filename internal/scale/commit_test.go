package scale_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"chainmail/internal/scale"
)

var costs = scale.Costs{
	Commit: 200 * time.Microsecond, Event: 20 * time.Microsecond, Sync: 800 * time.Microsecond, After: 20 * time.Microsecond,
}

// near fails a test when a figure is off by more than a share.
func near(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if math.Abs(got-want) > share*want {
		t.Errorf("%s: got %.4g, want %.4g within %.0f%%", what, got, want, 100*share)
	}
}

func TestOneEventAtATime(t *testing.T) {
	t.Parallel()
	o := scale.Run(costs, scale.Layout{Partitions: 1, Nodes: 1, Cores: 4}, scale.Load{Rate: 10, Conversations: 1}, 100)
	alone := costs.Commit + costs.Event + costs.Sync
	near(t, "p50", o.P50.Seconds(), alone.Seconds(), 0.01)
	near(t, "events a commit", o.Batch, 1, 0.02)
}

// A single server that takes all who wait, when its service hardly depends on how many: an event that comes during a
// commit waits for half of it on average, and then for its own.
func TestHalfACommitIsWaitedFor(t *testing.T) {
	t.Parallel()
	flat := scale.Costs{Sync: 10 * time.Millisecond}
	o := scale.Run(flat, scale.Layout{Partitions: 1, Nodes: 1, Cores: 1}, scale.Load{Rate: 20_000, Conversations: 1}, 2)
	near(t, "p50", o.P50.Seconds(), 0.015, 0.02)
	near(t, "p99", o.P99.Seconds(), 0.0199, 0.02)
	near(t, "events a commit", o.Batch, 200, 0.02)
}

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	o := scale.Run(costs, scale.Layout{Partitions: 1, Nodes: 1, Cores: 4}, scale.Load{Rate: 100_000, Conversations: 1}, 1)
	near(t, "events a commit", o.Batch, 500, 0.05)
}

func TestCeilings(t *testing.T) {
	t.Parallel()
	hold := (costs.Commit+costs.Sync).Seconds()/500 + costs.Event.Seconds()    // an event's share of the lock
	work := (costs.Event + costs.After).Seconds() + costs.Commit.Seconds()/500 // an event's share of the processors
	for _, test := range []struct {
		name   string
		layout scale.Layout
		load   scale.Load
		want   float64
	}{
		{"one log: its lock", scale.Layout{Partitions: 1, Nodes: 1, Cores: 16}, scale.Load{Conversations: 1}, 1 / hold},
		{"one log: its core", scale.Layout{Partitions: 1, Nodes: 1, Cores: 1}, scale.Load{Conversations: 1}, 1 / work},
		{"two locks", scale.Layout{Partitions: 2, Nodes: 2, Cores: 3}, scale.Load{Conversations: 100_000}, 2 / hold},
		{"cores of one node", scale.Layout{Partitions: 8, Nodes: 1, Cores: 2}, scale.Load{Conversations: 100_000}, 2 / work},
		{
			"a hot conversation", scale.Layout{Partitions: 4, Nodes: 4, Cores: 4},
			scale.Load{Conversations: 100_000, Hot: 0.5}, 1 / hold / (0.5 + 0.5/4),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			near(t, "ceiling", scale.Ceiling(costs, test.layout, test.load), test.want, 0.08)
		})
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		load  scale.Load
		least float64 // of the largest share
	}{
		{scale.Load{Conversations: 100_000}, 1. / 8},
		// The first has 1 / (1 + 1/2 + … + 1/100,000) by itself, and its partition some of the rest.
		{scale.Load{Conversations: 100_000, Skew: 1}, 1/12.09 + 0.08},
		{scale.Load{Conversations: 1000, Hot: 0.3}, 0.3},
	} {
		shares := scale.Shares(8, test.load)
		sum := 0.0
		for _, share := range shares {
			sum += share
		}
		if math.Abs(sum-1) > 1e-9 || slices.Max(shares) < test.least {
			t.Errorf("%+v: got shares %.3f, want a sum of 1 and one of at least %.3f", test.load, shares, test.least)
		}
	}
}
