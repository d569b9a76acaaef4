package sealer

import (
	"testing"
	"time"

	"chainmail/domain"
)

// A batch is due when it is full, or an interval after its first event was seen; for those whose seal was not the last,
// a while later.
func TestTiming(t *testing.T) {
	t.Parallel()
	settings := Settings{BatchSize: 100, Interval: 10 * time.Second}
	const patience = time.Second
	start := time.Unix(1_000_000, 0)
	type look struct {
		at       time.Duration // since start
		head     domain.Position
		patience time.Duration
		want     time.Duration
	}
	for name, test := range map[string]struct {
		timing timing
		looks  []look
	}{
		"nothing": {timing{}, []look{{0, 0, 0, untilWoken}, {time.Hour, 0, 0, untilWoken}}},
		"one event": {timing{sealed: 50, quiet: 51}, []look{
			{0, 51, 0, untilWoken},
			{time.Second, 52, 0, 10 * time.Second},
			{4 * time.Second, 60, 0, 7 * time.Second},
			{11 * time.Second, 60, 0, 0},
			{20 * time.Second, 60, 0, 0},
		}},
		"full": {timing{sealed: 50, quiet: 51}, []look{
			{time.Second, 149, 0, 10 * time.Second},
			{2 * time.Second, 150, 0, 0},
		}},
		"full, and another server's turn": {timing{sealed: 50}, []look{
			{0, 100, patience, 11 * time.Second},
			{time.Second, 150, patience, time.Second},
			{1500 * time.Millisecond, 1000, patience, 500 * time.Millisecond},
			{2 * time.Second, 1000, patience, 0},
		}},
		"old, and another server's turn": {timing{sealed: 50, seen: start.Add(-time.Minute)}, []look{{0, 60, patience, 0}}},
		"full when it is due anyhow":     {timing{sealed: 50, seen: start.Add(-time.Minute)}, []look{{0, 1000, patience, 0}}},
		"a clock that went back":         {timing{sealed: 50, seen: start.Add(time.Minute)}, []look{{0, 60, 0, 10 * time.Second}}},
		"a head behind the last seal": {timing{sealed: 50}, []look{
			{0, 40, 0, untilWoken}, {time.Second, 51, 0, 10 * time.Second},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, l := range test.looks {
				if got := test.timing.wait(start.Add(l.at), l.head, settings, l.patience); got != l.want {
					t.Errorf("after %s at head %d: got %s, want %s", l.at, l.head, got, l.want)
				}
			}
		})
	}
}

// What is known to be only seals does not make a batch due, and the next event begins the interval anew.
func TestTimingOfSeals(t *testing.T) {
	t.Parallel()
	settings := Settings{BatchSize: 100, Interval: 10 * time.Second}
	now := time.Unix(1_000_000, 0)
	tm := timing{sealed: 50, seen: now.Add(-time.Minute)}
	tm.quietTo(400)
	if got := tm.wait(now, 400, settings, 0); got != untilWoken {
		t.Errorf("only seals: got %s, want %s", got, untilWoken)
	}
	if got := tm.wait(now, 401, settings, 0); got != 0 {
		t.Errorf("an event that makes the batch full: got %s, want 0", got)
	}
	tm.sealedTo(401, now)
	if got := tm.wait(now.Add(time.Second), 403, settings, 0); got != 9*time.Second {
		t.Errorf("after a seal: got %s, want 9 s", got)
	}
}
