package llm

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// A question earns a tenth of a retry. The reserve lets the first few, and the first few after a quiet time, be retried at once.
	retryCost    = 10
	retryReserve = 3 * retryCost

	// Before a retry, unless the answer asked for more, it waits between once and twice this long.
	retryPause = 50 * time.Millisecond

	// A Retry-After longer than this is as good as this.
	longestRetryAfter = time.Hour
)

// budget bounds retries to a tenth of all questions and a few more, so that an address in trouble doesn't get twice the load.
type budget struct {
	mu     sync.Mutex
	tenths int // guarded by mu; of a retry, at most retryReserve
}

// earn takes note of one question.
func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tenths = min(b.tenths+1, retryReserve)
}

// spend takes one retry out of the budget, when it is there.
func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tenths < retryCost {
		return false
	}
	b.tenths -= retryCost
	return true
}

// retry says whether to ask once more after a failed attempt, and returns when it is time to. After the pause a quarter of the whole time must be left, else an answer
// is hardly to be hoped for.
func (c *Client) retry(ctx context.Context, a attempt) bool {
	if !a.again || c.breaker.open() {
		return false
	}
	pause := max(a.after, retryPause+rand.N(retryPause))
	deadline, _ := ctx.Deadline()
	if time.Until(deadline) < pause+c.settings.Timeout/4 || !c.retries.spend() {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter reads the header Retry-After (RFC 9110 §10.2.3): seconds or a date. It is 0 when there is none that makes sense.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestRetryAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), longestRetryAfter)
	}
	return 0
}
