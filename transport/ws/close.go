package ws

import "time"

const slowReason = "this client reads too slowly: reconnect with since"

// close queues a close frame as the last one.
func (o *outbox) close(code int, reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing {
		o.end(code, reason, closeWithin)
	}
}

// closedWith returns the code that the connection was closed with. It has ended.
func (o *outbox) closedWith() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.code
}

// closes reports whether the last frame is queued or written.
func (o *outbox) closes() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing
}

// end is close. The caller holds mu and knows that the outbox is not closing.
func (o *outbox) end(code int, reason string, within time.Duration) {
	o.closing, o.code = true, code
	close(o.ended)
	o.held.free()
	o.held = nil
	o.own = nil
	b := o.open(&o.queue)
	b.b = appendClose(b.b, code, reason)
	// An error shows when something is written.
	_ = o.socket.Conn.SetWriteDeadline(time.Now().Add(within))
	o.write()
}

// tooSlow drops what is queued and closes the connection. The caller holds mu.
func (o *outbox) tooSlow() {
	if o.closing {
		return
	}
	o.counts.slow.Add(1)
	o.queue.free()
	o.queue, o.drop = nil, true
	o.end(codeTryAgainLater, slowReason, slowWithin)
}

// checkStuck closes the connection if its writer has not come on for too long. The sweep calls it.
func (o *outbox) checkStuck() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.writing || o.seen != o.moves {
		o.stuck, o.seen = 0, o.moves
		return
	}
	if o.stuck++; o.stuck >= stuckSweeps {
		o.tooSlow()
	}
}

// halfClose tells the peer that nothing follows, and leaves it some time to answer. Closing at
// once would reset the connection, and what the peer has not read yet would be lost to it.
func (o *outbox) halfClose() {
	if c, ok := o.socket.Conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite() // the peer may be gone: the reader will see
	}
	_ = o.socket.Conn.SetReadDeadline(time.Now().Add(lingerFor))
}

// vanish ends the connection without a word.
func (o *outbox) vanish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing {
		o.closing, o.code = true, codeAbnormal
		close(o.ended)
	}
	o.queue.free()
	o.held.free()
	o.queue, o.held, o.own, o.drop = nil, nil, nil, true
	_ = o.socket.Conn.Close() // the second time it is an error
}
