package ws

import (
	"time"

	"chainmail/transport/frame"
)

// sync sends what a client missed once more. A second one meanwhile is refused.
func (c *conn) sync(f *frame.Frame) {
	m := missed{given: true, since: f.Since, ref: f.Ref, isSync: true}
	if !f.LogID.IsZero() && f.LogID != c.server.config.LogID {
		m = missed{ref: f.Ref, isSync: true, refusal: otherLog()}
	}
	c.mu.Lock()
	busy := c.syncing
	c.mu.Unlock()
	if busy {
		c.refuse(&frame.Error{
			Code: frame.RateLimited, Message: "a sync is under way: wait for synced", Ref: f.Ref, RetryAfter: time.Second,
		})
		return
	}
	if !c.allow(c.server.syncs, 1, f, "syncs") {
		return
	}
	m = c.asked(m)
	c.mu.Lock()
	c.syncing = true
	first := c.cancel == nil
	if !first {
		c.next = &m
	}
	c.mu.Unlock()
	if first {
		c.launch(m)
	}
}
