package limit

import (
	"testing"
	"time"

	"chainmail/domain"
)

// TestChargesAreBounded: however much is done elsewhere, no more is remembered of it than the limit.
func TestChargesAreBounded(t *testing.T) {
	t.Parallel()
	l, now := New(10), time.Unix(0, 0)
	for range 1_000 {
		l.Charge(domain.ID{1}, 7, now)
		now = now.Add(time.Millisecond)
	}
	if got := len(l.users[domain.ID{1}].times); got > 10 {
		t.Errorf("times remembered: got %d, want 10 at most", got)
	}
}

// TestChargedUsersAreBounded: others' words make a limiter remember so many users, and no more; what is done here counts all the same.
func TestChargedUsersAreBounded(t *testing.T) {
	t.Parallel()
	l, now := New(1), time.Unix(0, 0)
	for i := range maxCharged + 10 {
		l.Charge(domain.ID{byte(i), byte(i >> 8), byte(i >> 16), 1}, 1, now)
	}
	if got := l.Users(); got != maxCharged {
		t.Errorf("users: got %d, want %d", got, maxCharged)
	}
	if _, ok := l.Allow(domain.ID{2}, 1, now); !ok {
		t.Error("somebody here is refused")
	}
	if _, ok := l.Allow(domain.ID{2}, 1, now); ok {
		t.Error("what somebody does here does not count")
	}
}
