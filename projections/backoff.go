package projections

import (
	"cmp"
	"time"

	"github.com/ThreeDotsLabs/watermill"
)

// pacer decides when the subscriber reads again. Its method runs in the subscriber's goroutine, so
// it may block.
type pacer struct{ worker *worker }

// HandleError returns how long to wait before reading again; while the log holds nothing more, it
// waits here for a wake-up.
func (p pacer) HandleError(_ watermill.LoggerAdapter, noMessage bool, err error) time.Duration {
	w := p.worker
	if err != nil {
		return w.readTrouble(err)
	}
	if w.troubles > 0 {
		w.troubles = 0
		w.logger.Info("the projection reads the log again", "projection", w.projection.Name)
	}
	w.mu.Lock()
	stuck := w.failure != nil && w.logged != ""
	again := w.mismatch || w.inbox.full
	w.mu.Unlock()
	if stuck {
		w.retries++
		return doubled(w.settings.FirstRetry, w.settings.LastRetry, w.retries-1)
	}
	w.retries = 0
	if again && !noMessage {
		return 0
	}
	w.idle()
	return 0
}

// readTrouble tells once that the log can't be read.
func (w *worker) readTrouble(err error) time.Duration {
	w.troubles++
	select {
	case <-w.done: // the connection was cut by our own end
		return 0
	default:
	}
	if w.troubles == 1 {
		w.logger.Warn("the projection cannot read the log and tries again", "projection", w.projection.Name, "error", err)
	}
	return doubled(100*time.Millisecond, 2*time.Second, w.troubles-1)
}

// idle waits for a wake-up, and then a moment longer so that a batch can form.
func (w *worker) idle() {
	poll := time.NewTimer(w.settings.Poll)
	defer poll.Stop()
	select {
	case <-w.wake:
	case <-poll.C:
		return
	case <-w.done:
		return
	}
	pause := time.NewTimer(cmp.Or(w.projection.Pause, w.settings.Pause))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-w.done:
	}
}

// doubled is first, doubled so many times, and at most last.
func doubled(first, last time.Duration, times int) time.Duration {
	for range times {
		if first >= last {
			return last
		}
		first *= 2
	}
	return min(first, last)
}
