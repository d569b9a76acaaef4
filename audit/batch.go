package audit

import (
	"encoding/binary"
	"errors"
	"time"

	"chainmail/domain"
)

// batches is how many batches there are: one is shown, one is filled, the others wait.
const batches = 4

// A batch is small enough to stay in a processor's cache from the reading to the last check.
const (
	batchRows  = 512
	batchBytes = 512 << 10
)

// batch is some rows and the memory that they lie in, used again for later rows.
type batch struct {
	events []domain.Event
	bytes  []byte
}

func (b *batch) reset() {
	clear(b.events)
	b.events, b.bytes = b.events[:0], b.bytes[:0]
}

func (b *batch) isFull() bool { return len(b.events) == batchRows || len(b.bytes) >= batchBytes }

var errRow = errors.New("the database has framed a row in another way than expected")

// columns is how many a row of events has.
const columns = 10

// postgresEpoch is 2000-01-01 UTC, from which PostgreSQL counts, in microseconds of Unix.
const postgresEpoch = 946_684_800_000_000

// add takes a row as record_send frames it: the number of columns, then for each its type, its length
// (-1 for NULL) and its binary form. The row is copied. A NULL where none belongs is read as nothing, and
// a leaf hash of another length than 32 bytes as one of zeros.
func (b *batch) add(row []byte) error {
	if len(row) < 4 || binary.BigEndian.Uint32(row) != columns {
		return errRow
	}
	if len(b.bytes)+len(row) > cap(b.bytes) {
		b.bytes = make([]byte, 0, max(2*batchBytes, len(row))) // earlier rows keep theirs
	}
	start := len(b.bytes)
	b.bytes = append(b.bytes, row...)
	rest := b.bytes[start+4:]
	var column [columns][]byte
	for i := range column {
		if len(rest) < 8 {
			return errRow
		}
		size := int32(binary.BigEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if size < 0 {
			continue
		}
		if len(rest) < int(size) {
			return errRow
		}
		column[i], rest = rest[:size:size], rest[size:]
	}
	b.events = append(b.events, domain.Event{
		Position: domain.Position(int8Of(column[0])),
		Stream:   domain.StreamID(column[2]),
		Version:  domain.Version(int8Of(column[3])),
		Type:     typeOf(column[4]),
		Payload:  column[5], Metadata: column[6], Body: column[7],
		RecordedAt: time.UnixMicro(int8Of(column[8]) + postgresEpoch).UTC(),
	})
	e := &b.events[len(b.events)-1]
	copy(e.ID[:], column[1])
	if len(column[9]) == len(e.LeafHash) {
		copy(e.LeafHash[:], column[9])
	}
	return nil
}

func int8Of(b []byte) int64 {
	if len(b) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}

// typeOf is domain.Type(name), without an allocation for the types that come with every message.
func typeOf(name []byte) domain.Type {
	switch string(name) {
	case string(domain.TypeMessageSent):
		return domain.TypeMessageSent
	case string(domain.TypeMessageDelivered):
		return domain.TypeMessageDelivered
	case string(domain.TypeMessageRead):
		return domain.TypeMessageRead
	}
	return domain.Type(name)
}
