// Package pgarray encodes PostgreSQL arrays in their binary format, for connections with
// binary_parameters=yes. A statement that takes one array a column writes hundreds of rows with
// one round trip, at about half the processor time of arrays as text.
//
// The format is that of array_recv in PostgreSQL: dimensions (1, or 0 when empty), a flag for
// NULLs, the element type's OID, length and lower bound, then each element with its length.
package pgarray

import (
	"encoding/binary"
	"math"
	"time"
)

// The object identifiers of the element types, fixed in PostgreSQL's pg_type.dat.
const (
	oidBool        = 16
	oidBytea       = 17
	oidInt8        = 20
	oidInt4        = 23
	oidText        = 25
	oidFloat8      = 701
	oidTimestamptz = 1184
	oidUUID        = 2950
)

const headerSize = 20

// Builder collects the elements of one array. Make one with a constructor such as NewTexts;
// all elements are of that type. It may be reset and used again, which keeps its memory.
type Builder struct {
	buf   []byte
	count int
	nulls bool
}

func newBuilder(oid uint32) *Builder {
	b := &Builder{buf: make([]byte, headerSize, 512)}
	binary.BigEndian.PutUint32(b.buf[8:], oid)
	return b
}

// NewBools begins a boolean[].
func NewBools() *Builder { return newBuilder(oidBool) }

// NewByteas begins a bytea[].
func NewByteas() *Builder { return newBuilder(oidBytea) }

// NewInt8s begins a bigint[].
func NewInt8s() *Builder { return newBuilder(oidInt8) }

// NewInt4s begins an integer[].
func NewInt4s() *Builder { return newBuilder(oidInt4) }

// NewTexts begins a text[].
func NewTexts() *Builder { return newBuilder(oidText) }

// NewFloat8s begins a double precision[].
func NewFloat8s() *Builder { return newBuilder(oidFloat8) }

// NewTimes begins a timestamptz[].
func NewTimes() *Builder { return newBuilder(oidTimestamptz) }

// NewUUIDs begins a uuid[].
func NewUUIDs() *Builder { return newBuilder(oidUUID) }

// Reset empties the array and keeps its memory. What Bytes returned before is overwritten.
func (b *Builder) Reset() { b.buf, b.count, b.nulls = b.buf[:headerSize], 0, false }

// Len is the number of elements.
func (b *Builder) Len() int { return b.count }

// Bool adds an element of a boolean[].
func (b *Builder) Bool(v bool) {
	var bit byte
	if v {
		bit = 1
	}
	b.buf = append(b.length(1), bit)
}

// Int8 adds an element of a bigint[].
func (b *Builder) Int8(v int64) { b.buf = binary.BigEndian.AppendUint64(b.length(8), uint64(v)) }

// Int4 adds an element of an integer[].
func (b *Builder) Int4(v int32) { b.buf = binary.BigEndian.AppendUint32(b.length(4), uint32(v)) }

// Float8 adds an element of a double precision[].
func (b *Builder) Float8(v float64) {
	b.buf = binary.BigEndian.AppendUint64(b.length(8), math.Float64bits(v))
}

// Text adds an element of a text[]. It must be UTF-8 without NUL.
func (b *Builder) Text(v string) { b.buf = append(b.length(len(v)), v...) }

// Raw adds an element of a bytea[], or of a text[] whose bytes are at hand.
func (b *Builder) Raw(v []byte) { b.buf = append(b.length(len(v)), v...) }

// UUID adds an element of a uuid[].
func (b *Builder) UUID(v [16]byte) { b.buf = append(b.length(16), v[:]...) }

// Time adds an element of a timestamptz[], cut to the microsecond.
func (b *Builder) Time(v time.Time) { b.Int8(v.UnixMicro() - epochMicros) }

// epochMicros is 2000-01-01, from which PostgreSQL counts its microseconds.
const epochMicros = 946_684_800_000_000

// Null adds a NULL.
func (b *Builder) Null() {
	b.count++
	b.nulls = true
	b.buf = binary.BigEndian.AppendUint32(b.buf, math.MaxUint32)
}

// Bytes returns the array in PostgreSQL's format. It is valid until the next call of a method.
func (b *Builder) Bytes() []byte {
	dimensions := uint32(1)
	if b.count == 0 {
		dimensions = 0
	}
	flag := uint32(0)
	if b.nulls {
		flag = 1
	}
	binary.BigEndian.PutUint32(b.buf[0:], dimensions)
	binary.BigEndian.PutUint32(b.buf[4:], flag)
	if b.count == 0 {
		return b.buf[:12]
	}
	binary.BigEndian.PutUint32(b.buf[12:], uint32(b.count))
	binary.BigEndian.PutUint32(b.buf[16:], 1)
	return b.buf
}

func (b *Builder) length(n int) []byte {
	b.count++
	return binary.BigEndian.AppendUint32(b.buf, uint32(n))
}
