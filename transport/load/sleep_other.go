//go:build !linux

package load

import (
	"context"
	"time"
)

// sleepUntil is as exact as the runtime's timers.
func sleepUntil(ctx context.Context, t time.Time) {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
