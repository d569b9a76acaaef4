package ws

import "sync"

const (
	// firstBuffer is a buffer's first capacity: some messages.
	firstBuffer = 4 << 10
	// largestKept is the capacity up to which a buffer is used again. Those that a burst made larger go.
	largestKept = 64 << 10
)

// buffer is bytes that are used again. A connection has one only while it has something to write
// or reads a message.
type buffer struct{ b []byte }

var buffers = sync.Pool{New: func() any { return &buffer{make([]byte, 0, firstBuffer)} }}

func newBuffer() *buffer {
	b, _ := buffers.Get().(*buffer)
	b.b = b.b[:0]
	return b
}

// free gives the buffer back. A nil buffer is none.
func (b *buffer) free() {
	if b != nil && cap(b.b) <= largestKept {
		buffers.Put(b)
	}
}

func (b *buffer) len() int {
	if b == nil {
		return 0
	}
	return len(b.b)
}
