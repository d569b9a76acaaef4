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
