package load

import (
	"context"
	"syscall"
	"time"
)

// longestSleep bounds how late the end of a context is seen.
const longestSleep = 50 * time.Millisecond

// sleepUntil is exact to some 0.1 ms. The runtime's timers round up to 1 ms when nothing else happens, which
// would be charged to the server.
func sleepUntil(ctx context.Context, t time.Time) {
	for ctx.Err() == nil {
		d := time.Until(t)
		if d <= 0 {
			return
		}
		request := syscall.NsecToTimespec(int64(min(d, longestSleep)))
		_ = syscall.Nanosleep(&request, nil) // a signal may end it early: look again
	}
}
