package fanout

import (
	"encoding/binary"
	"errors"
	"time"

	"chainmail/domain"
)

// A message begins with the version, and what it is. The version grows when this encoding changes, or what is published on which
// channel: servers of two versions do not understand one another, and those that are not the publisher's read the log.
const version = 1

const (
	anEvent  byte = 'e'
	aMarker  byte = 'm'
	someWord byte = 'w'
)

// header is the length of what every message begins with.
const header = 2

var errEncoding = errors.New("not what this release publishes")

// appendEvent writes an event: epoch, position, id, version, time in microseconds, and the texts. The leaf hash stays behind, as
// in events from memory.
func appendEvent(dst []byte, epoch int64, e domain.Event) []byte {
	dst = append(dst, version, anEvent)
	dst = binary.AppendUvarint(dst, uint64(epoch))
	dst = binary.AppendUvarint(dst, uint64(e.Position))
	dst = append(dst, e.ID[:]...)
	dst = binary.AppendUvarint(dst, uint64(e.Version))
	dst = binary.AppendVarint(dst, e.RecordedAt.UnixMicro())
	dst = appendBytes(dst, []byte(e.Stream))
	dst = appendBytes(dst, []byte(e.Type))
	dst = appendBytes(dst, e.Payload)
	dst = appendBytes(dst, e.Metadata)
	return appendBytes(dst, e.Body)
}

// appendBytes writes a length, 0 for nil and else one more than it is, and the bytes.
func appendBytes(dst, b []byte) []byte {
	if b == nil {
		return append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b))+1)
	return append(dst, b...)
}

// readEvent undoes appendEvent. The event keeps the bytes.
func readEvent(message []byte) (epoch int64, e domain.Event, err error) {
	r := reader{rest: message[header:]}
	epoch = int64(r.uvarint())
	e.Position = domain.Position(r.uvarint())
	copy(e.ID[:], r.take(len(e.ID)))
	e.Version = domain.Version(r.uvarint())
	e.RecordedAt = time.UnixMicro(r.varint()).UTC()
	e.Stream = domain.StreamID(r.bytes())
	e.Type = domain.Type(r.bytes())
	e.Payload, e.Metadata, e.Body = r.bytes(), r.bytes(), r.bytes()
	return epoch, e, r.end()
}

// marker says that everything with from < position <= to was published in a lane.
type marker struct {
	epoch    int64
	from, to domain.Position
	readLog  bool    // there is something among it that only the log tells
	counts   []count // of every channel in the lane that got any
}

// count is how many events were published on a channel.
type count struct {
	channel channel
	events  int
}

// appendMarker writes a marker.
func appendMarker(dst []byte, m marker) []byte {
	dst = append(dst, version, aMarker)
	dst = binary.AppendUvarint(dst, uint64(m.epoch))
	dst = binary.AppendUvarint(dst, uint64(m.from))
	dst = binary.AppendUvarint(dst, uint64(m.to))
	readLog := byte(0)
	if m.readLog {
		readLog = 1
	}
	dst = append(dst, readLog)
	for _, c := range m.counts {
		dst = append(dst, byte(c.channel.kind))
		dst = append(dst, c.channel.id[:]...)
		dst = binary.AppendUvarint(dst, uint64(c.events))
	}
	return dst
}

// readMarker undoes appendMarker.
func readMarker(message []byte) (m marker, err error) {
	r := reader{rest: message[header:]}
	m.epoch = int64(r.uvarint())
	m.from, m.to = domain.Position(r.uvarint()), domain.Position(r.uvarint())
	if flag := r.take(1); flag != nil {
		m.readLog = flag[0] == 1
	}
	for len(r.rest) > 0 && !r.bad {
		var c count
		if k := r.take(1); k != nil {
			c.channel.kind = kind(k[0])
		}
		copy(c.channel.id[:], r.take(len(c.channel.id)))
		c.events = int(r.uvarint())
		m.counts = append(m.counts, c)
	}
	return m, r.end()
}

// reader reads what the append functions write. After what it cannot read it is bad, and returns zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	return n * uint64(r.skip(size))
}

func (r *reader) varint() int64 {
	n, size := binary.Varint(r.rest)
	return n * int64(r.skip(size))
}

// skip passes over a number of that size; it returns 0 where there is none, else 1.
func (r *reader) skip(size int) int {
	if size <= 0 || r.bad {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return 1
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) bytes() []byte {
	n := r.uvarint()
	if n == 0 {
		return nil
	}
	if n-1 > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	return r.take(int(n - 1))
}

func (r *reader) end() error {
	if r.bad || len(r.rest) > 0 {
		return errEncoding
	}
	return nil
}
