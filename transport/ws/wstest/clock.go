package wstest

import (
	"sync"
	"time"

	"chainmail/transport/ws"
)

// ticks is more than the server needs to look at everything once.
const ticks = 9

// Clock is a server's time, which moves only when the test says so.
type Clock struct {
	ticks chan time.Time
	mu    sync.Mutex
	at    time.Time // guarded by mu
}

// NewClock returns a clock that shows the real time of now and stands still.
func NewClock() *Clock { return &Clock{ticks: make(chan time.Time), at: time.Now()} }

// Use is for Options.Configure.
func (c *Clock) Use(config *ws.Config) { config.Now, config.Ticks = c.Now, c.ticks }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the clock and returns when the server has done what was due.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	c.at = c.at.Add(d)
	c.mu.Unlock()
	for range ticks {
		c.ticks <- c.Now()
	}
}
