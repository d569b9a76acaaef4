package httpapi

import (
	"context"
	"time"
)

const (
	// publicAtOnce is how many calls without a token are answered at once. They share the database with people
	// who are logged in, so that strangers, however many, cannot take it from them.
	publicAtOnce = 4
	// publicPatience is how long one more waits for its turn before it is sent away.
	publicPatience = time.Second
)

// turn waits until a public call may go on, and returns how it says that it is done.
func (a *api) turn(ctx context.Context) (done func(), err error) {
	patience := time.NewTimer(publicPatience)
	defer patience.Stop()
	select {
	case a.public <- struct{}{}:
		return func() { <-a.public }, nil
	case <-patience.C:
		p := unavailable("too many ask for the log at the moment: try again")
		p.RetryAfter = publicPatience.Seconds()
		return nil, p
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
