package ws

import "time"

const (
	// chunk is about how much is written with one call, so that progress can be seen.
	chunk = 64 << 10
	// stuckSweeps is for how many sweeps, a second apart, a call may last before the peer counts as
	// one who reads too slowly.
	stuckSweeps = 20
	// closeWithin is how long the last frame may take to be written, behind what is queued.
	closeWithin = 10 * time.Second
	// slowWithin is the same for one who reads too slowly. Only what is being written is before it.
	slowWithin = 30 * time.Second
	// lingerFor is how long the peer has to answer the last frame.
	lingerFor = 2 * time.Second
)

// write starts the writer if there is none. It ends when the queue is empty; finish waits for it.
// The caller holds mu.
func (o *outbox) write() {
	if !o.writing {
		o.writing = true
		o.moves++
		go o.runWriter()
	}
}

func (o *outbox) runWriter() {
	for {
		b := o.take()
		if b == nil {
			return
		}
		err := o.writeAll(b.b)
		b.free()
		if err != nil {
			o.vanish()
			o.stopWriter()
			return
		}
	}
}

// take returns what is queued, nil when the writer is to end.
func (o *outbox) take() *buffer {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.queue == nil {
		if o.closing {
			o.halfClose()
		}
		o.writerEnded()
		return nil
	}
	b := o.queue
	o.queue = nil
	o.drop = false
	o.counts.out.Add(o.frames)
	o.frames = 0
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	return b
}

// writeAll writes whole frames, a chunk at a time.
func (o *outbox) writeAll(frames []byte) error {
	for len(frames) > 0 {
		n := len(frames)
		if n > chunk {
			n = wholeFrames(frames, chunk)
		}
		if _, err := o.socket.Conn.Write(frames[:n]); err != nil {
			return err
		}
		if frames = frames[n:]; len(frames) > 0 && !o.goOn() {
			return nil
		}
	}
	return nil
}

// goOn notes the writer's progress and reports whether to write the rest.
func (o *outbox) goOn() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.moves++
	return !o.drop
}

func (o *outbox) stopWriter() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writerEnded()
}

func (o *outbox) writerEnded() {
	o.writing = false
	if o.idle != nil {
		close(o.idle)
		o.idle = nil
	}
}

// wait returns when there is no writer. With the outbox closing there will be none after it.
func (o *outbox) wait() {
	o.mu.Lock()
	if !o.writing {
		o.mu.Unlock()
		return
	}
	if o.idle == nil {
		o.idle = make(chan struct{})
	}
	idle := o.idle
	o.mu.Unlock()
	<-idle
}
