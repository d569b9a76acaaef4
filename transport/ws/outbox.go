package ws

import (
	"errors"
	"sync"

	"chainmail/domain"
)

const (
	// maxQueued bounds what waits for a socket, and what is held back, in bytes each.
	maxQueued = 4 << 20
	// paceAbove is how much may be queued before catching up waits for the socket.
	paceAbove = 128 << 10
	// flushAbove is how much may be queued before it is written without waiting for the end of
	// the batch that is being pushed.
	flushAbove = 64 << 10
)

// errEnded says that the connection takes nothing any more.
var errEnded = errors.New("the connection has ended")

// phase is what becomes of pushes.
type phase uint8

const (
	apart   phase = iota // they pass by: catching up will find them in the log
	holding              // they are held back until catching up is done
	live                 // they are queued
)

// outbox is all that a connection has to write: whole frames, in order. Any goroutine may call
// its methods; none of them waits for the socket, save emit.
type outbox struct {
	socket *socket // its Conn is written to by the writer alone
	counts *counts
	ended  chan struct{} // closed when the connection takes nothing any more

	mu      sync.Mutex
	queue   *buffer           // guarded by mu; nil when empty. Beyond maxQueued the connection is closed
	frames  int64             // guarded by mu; in queue
	held    *buffer           // guarded by mu; nil when empty. Beyond maxQueued the connection is closed
	waiting int32             // guarded by mu; frames in held
	phase   phase             // guarded by mu
	ready   bool              // guarded by mu; it was live once
	from    domain.Position   // guarded by mu; pushes at or before it are of no use
	last    domain.Position   // guarded by mu; of the last push that was queued, or held
	own     map[domain.ID]act // guarded by mu; what is done here and whose push is to be skipped; bounded by what is under way and the pushes' lag
	closing bool              // guarded by mu; the last frame is queued
	code    int               // guarded by mu; of the last frame, once closing; codeAbnormal if there is none
	drop    bool              // guarded by mu; what the writer has in hand is not worth the time
	dirty   bool              // guarded by mu; the pusher will flush

	writing bool          // guarded by mu; there is a writer
	moves   uint32        // guarded by mu; counts what the writer has written
	seen    uint32        // owned by the sweep; moves as it was at the last one
	stuck   uint8         // owned by the sweep; for how many sweeps moves has been the same
	room    chan struct{} // guarded by mu; closed when the queue is taken; nil when nobody waits
	idle    chan struct{} // guarded by mu; closed when the writer ends; nil when nobody waits
}

// answer queues an answer or another frame that is no push, whatever pushes are waiting.
func (o *outbox) answer(m message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return
	}
	b := o.open(&o.queue)
	b.b = appendText(b.b, m)
	o.queued()
	o.counts.answered(m)
}

// raw queues frames that are framed already.
func (o *outbox) raw(frames []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing {
		o.append(frames)
		o.queued()
	}
}

// signal queues a frame of the moment, held back like pushes when it would come before synced.
func (o *outbox) signal(payload []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closing || !o.ready && o.phase == apart:
	case !o.ready:
		o.hold(payload)
	default:
		b := o.open(&o.queue)
		b.b = appendFrame(b.b, textFrame, payload)
		o.queued()
	}
}

// push takes what is pushed live. It reports whether the caller has to flush.
func (o *outbox) push(at domain.Position, origin domain.ID, payload []byte) (flush bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing || o.phase == apart || at <= o.from || o.skips(origin, at) {
		return false
	}
	o.last = max(o.last, at)
	if o.phase == holding {
		o.hold(payload)
		return false
	}
	b := o.open(&o.queue)
	b.b = appendFrame(b.b, textFrame, payload)
	o.frames++
	if o.full(b) {
		return false
	}
	if len(b.b) > flushAbove {
		o.write()
	}
	if o.writing || o.dirty {
		return false
	}
	o.dirty = true
	return true
}

// flush has what was pushed written.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dirty = false
	if o.queue != nil {
		o.write()
	}
}

// open returns the buffer to append to.
func (o *outbox) open(b **buffer) *buffer {
	if *b == nil {
		*b = newBuffer()
	}
	return *b
}

func (o *outbox) append(frames []byte) {
	b := o.open(&o.queue)
	b.b = append(b.b, frames...)
}

// queued starts the writer for a frame that was appended, or ends a connection that is too slow.
func (o *outbox) queued() {
	o.frames++
	if !o.full(o.queue) {
		o.write()
	}
}

func (o *outbox) hold(payload []byte) {
	b := o.open(&o.held)
	b.b = appendFrame(b.b, textFrame, payload)
	o.waiting++
	o.full(b)
}

// full ends the connection if the buffer has outgrown its bound.
func (o *outbox) full(b *buffer) bool {
	if len(b.b) <= maxQueued {
		return false
	}
	o.tooSlow()
	return true
}
