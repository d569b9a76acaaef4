package limit_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/transport/limit"
)

var start = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

func TestWindowSlides(t *testing.T) {
	t.Parallel()
	l, user := limit.New(3), domain.ID{1}
	steps := []struct {
		at    time.Duration
		ok    bool
		retry time.Duration
	}{
		{0, true, 0},
		{10 * time.Second, true, 0},
		{20 * time.Second, true, 0},
		{30 * time.Second, false, 30 * time.Second},
		{59999 * time.Millisecond, false, time.Millisecond},
		{60 * time.Second, true, 0}, // the first is 60 s old
		{61 * time.Second, false, 9 * time.Second},
		{70 * time.Second, true, 0},
	}
	for _, s := range steps {
		retry, ok := l.Allow(user, 1, start.Add(s.at))
		if ok != s.ok || retry != s.retry {
			t.Errorf("after %v: got %v, %v, want %v, %v", s.at, retry, ok, s.retry, s.ok)
		}
	}
}

func TestUsersAreApart(t *testing.T) {
	t.Parallel()
	l := limit.New(1)
	l.Allow(domain.ID{1}, 1, start)
	if _, ok := l.Allow(domain.ID{2}, 1, start); !ok {
		t.Error("one user's acts count against another")
	}
}

func TestNoLimit(t *testing.T) {
	t.Parallel()
	l := limit.New(0)
	for range 10_000 {
		if _, ok := l.Allow(domain.ID{1}, 1, start); !ok {
			t.Fatal("a limiter without a limit refused")
		}
	}
	if got := l.Users(); got != 0 {
		t.Errorf("users: got %d, want 0: nothing needs to be remembered", got)
	}
}

func TestWeight(t *testing.T) {
	t.Parallel()
	l, user := limit.New(10), domain.ID{1}
	if _, ok := l.Allow(user, 7, start); !ok {
		t.Error("7 of 10 were refused")
	}
	if retry, ok := l.Allow(user, 4, start.Add(time.Second)); ok || retry != 59*time.Second {
		t.Errorf("7 and 4 of 10: got %v, %v, want 59s, false", retry, ok)
	}
	if _, ok := l.Allow(user, 3, start.Add(time.Second)); !ok {
		t.Error("7 and 3 of 10 were refused")
	}
	if _, ok := l.Allow(domain.ID{2}, 99, start); !ok {
		t.Error("more than the whole limit is refused for ever")
	}
}

func TestSweepForgets(t *testing.T) {
	t.Parallel()
	l := limit.New(5)
	l.Allow(domain.ID{1}, 1, start)
	l.Allow(domain.ID{2}, 1, start.Add(time.Second))
	l.Sweep(start.Add(limit.Window))
	if got := l.Users(); got != 1 {
		t.Errorf("users after the first's window: got %d, want 1", got)
	}
	l.Sweep(start.Add(limit.Window + time.Second))
	if got := l.Users(); got != 0 {
		t.Errorf("users after both windows: got %d, want 0", got)
	}
}

// TestExact compares with the definition: an act is allowed when fewer than the limit were
// allowed in the 60 s before it, and retryAfter is the least wait.
func TestExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 7).Draw(t, "limit")
		l, now := limit.New(most), start
		var allowed []time.Time
		free := func(at time.Time) bool {
			n := 0
			for _, a := range allowed {
				if a.After(at.Add(-limit.Window)) {
					n++
				}
			}
			return n < most
		}
		for range rapid.IntRange(1, 60).Draw(t, "acts") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "pause")) * time.Millisecond)
			retry, ok := l.Allow(domain.ID{1}, 1, now)
			if ok != free(now) {
				t.Fatalf("at %v: got %v, want %v", now, ok, !ok)
			}
			if ok {
				allowed = append(allowed, now)
			} else if !free(now.Add(retry)) || free(now.Add(retry-time.Nanosecond)) {
				t.Fatalf("at %v: %v is not the least wait", now, retry)
			}
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	l := limit.New(100)
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 10 {
				if _, ok := l.Allow(domain.ID{1}, 1, start); ok {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got := passed.Load(); got != 100 {
		t.Errorf("passed: got %d, want 100", got)
	}
}

func BenchmarkAllow(b *testing.B) {
	l, now := limit.New(1000), start
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(100 * time.Millisecond)
		l.Allow(domain.ID{1}, 1, now)
	}
}
