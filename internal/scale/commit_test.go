package scale_test

import (
	"math"
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
	o := scale.Run(flat, scale.Layout{Partitions: 1, Nodes: 1, Cores: 1}, scale.Load{Rate: 20_000, Conversations: 1}, 5)
	near(t, "p50", o.P50.Seconds(), 0.015, 0.02)
	near(t, "p99", o.P99.Seconds(), 0.0199, 0.02)
	near(t, "events a commit", o.Batch, 200, 0.02)
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
		{"four locks", scale.Layout{Partitions: 4, Nodes: 4, Cores: 16}, scale.Load{Conversations: 100_000}, 4 / hold},
		{"cores of one node", scale.Layout{Partitions: 16, Nodes: 1, Cores: 4}, scale.Load{Conversations: 100_000}, 4 / work},
		{"a hot conversation", scale.Layout{Partitions: 8, Nodes: 8, Cores: 16}, scale.Load{Conversations: 100_000, Hot: 0.5}, 1 / hold / (0.5 + 0.5/8)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			near(t, "ceiling", scale.Ceiling(costs, test.layout, test.load), test.want, 0.08)
		})
	}
}
