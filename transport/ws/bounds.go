package ws

import (
	"time"

	"chainmail/transport/frame"
	"chainmail/transport/limit"
)

const (
	// readLimit is the largest frame that a client may send, fragments together.
	readLimit = 65_536
	// readBuffer holds a frame or two. Every connection has one, so it is small.
	readBuffer = 512
	// sendBuffer bounds what the kernel keeps for a client that does not read; Linux doubles it.
	sendBuffer = 128 << 10
	// maxUnderway is how many sends and receipts of a connection may be unanswered.
	maxUnderway = 256

	syncsAMinute = 10
	// freeAMinute is how many frames a user may cause in a minute that nothing else limits.
	freeAMinute = 1_000
	// beyondFree is what each such frame takes after that.
	beyondFree = 20 * time.Millisecond
	// receiptsAtOnce is how many receipts of one frame weigh as much as a frame.
	receiptsAtOnce = 25
)

// apartFromMessages is how many receipts, and how many typing frames, a user may send in a minute.
func apartFromMessages(messages int) int {
	if messages == 0 {
		return 0
	}
	return max(20*messages, 2_000)
}

// allow asks a limiter and refuses the frame if it says no.
func (c *conn) allow(l *limit.Limiter, weight int, f *frame.Frame, what string) bool {
	retryAfter, ok := l.Allow(c.user, weight, c.server.now())
	if !ok {
		c.refuse(&frame.Error{
			Code: frame.RateLimited, Message: "you send too many " + what + ": wait and try again",
			Ref: f.Ref, ClientMessageID: f.ClientMessageID, RetryAfter: retryAfter,
		})
	}
	return ok
}

// spend lets the client wait if it causes too many frames that nothing else limits. Only its own
// frames wait with it.
func (c *conn) spend() {
	if _, ok := c.server.free.Allow(c.user, 1, c.server.now()); ok {
		return
	}
	pause := time.NewTimer(beyondFree)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-c.out.ended:
	case <-c.server.stopping:
	}
}

// begin counts what is under way. It waits while there is too much, and returns false when the
// connection ends meanwhile.
func (c *conn) begin(weight int) bool {
	for {
		c.mu.Lock()
		if c.underway < maxUnderway {
			c.underway += weight
			c.waits = false
			c.mu.Unlock()
			return true
		}
		c.waits = true
		answered := c.onAnswer()
		c.mu.Unlock()
		select {
		case <-answered:
		case <-c.out.ended:
			return false
		case <-c.server.stopping:
			return false
		}
	}
}

// answered takes a begin back.
func (c *conn) answered(weight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.underway -= weight
	if c.answer != nil {
		close(c.answer)
		c.answer = nil
	}
}

// onAnswer returns a channel that the next answer closes. The caller holds mu.
func (c *conn) onAnswer() <-chan struct{} {
	if c.answer == nil {
		c.answer = make(chan struct{})
	}
	return c.answer
}

// awaitAnswers waits until nothing is under way, but not for ever.
func (c *conn) awaitAnswers() {
	enough := time.NewTimer(answerWithin)
	defer enough.Stop()
	for {
		c.mu.Lock()
		if c.underway == 0 {
			c.mu.Unlock()
			return
		}
		answered := c.onAnswer()
		c.mu.Unlock()
		select {
		case <-answered:
		case <-c.out.ended:
			return
		case <-enough.C:
			return
		}
	}
}

// deaf reports whether the reader waits for answers and so hears nothing.
func (c *conn) deaf() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waits
}
