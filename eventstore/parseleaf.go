package eventstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"chainmail/domain"
)

var errLeaf = errors.New("not the leaf of an event")

// maxRecorded is the last microsecond of the year 9999, beyond which RFC 3339 has no form.
const maxRecorded = 253_402_300_799_999_999

// ParseLeaf reads the bytes that Leaf wrote, and no others: Leaf of what it returns is leaf again. The event has
// neither body nor leaf hash, which no leaf covers, and does not keep leaf. What payload and metadata say is not looked at.
func ParseLeaf(leaf []byte) (domain.Event, error) {
	r := leafReader{rest: leaf}
	if layout := r.take(1); r.short || layout[0] != 1 {
		return domain.Event{}, fmt.Errorf("%w: it does not begin with the layout 1", errLeaf)
	}
	var e domain.Event
	e.Position = domain.Position(r.number())
	copy(e.ID[:], r.take(len(e.ID)))
	e.Stream = domain.StreamID(r.text())
	e.Version = domain.Version(r.number())
	e.Type = domain.Type(r.text())
	e.Payload = []byte(r.text())
	e.Metadata = []byte(r.text())
	recorded := r.number()
	switch {
	case r.short:
		return domain.Event{}, fmt.Errorf("%w: it ends too early", errLeaf)
	case len(r.rest) > 0:
		return domain.Event{}, fmt.Errorf("%w: %d bytes follow it", errLeaf, len(r.rest))
	case r.notUTF8:
		return domain.Event{}, fmt.Errorf("%w: a text in it is not UTF-8", errLeaf)
	case e.Position < 0 || e.Version < 0 || recorded < 0 || recorded > maxRecorded:
		return domain.Event{}, fmt.Errorf("%w: a number in it is out of range", errLeaf)
	}
	e.RecordedAt = time.UnixMicro(recorded).UTC()
	return e, nil
}

// leafReader takes one part after the other. Where rest is too short, what it gives is empty from there on.
type leafReader struct {
	rest    []byte
	short   bool
	notUTF8 bool
}

func (r *leafReader) take(n int) []byte {
	if r.short = r.short || n > len(r.rest); r.short {
		return nil
	}
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *leafReader) number() int64 {
	part := r.take(8)
	if r.short {
		return 0
	}
	return int64(binary.BigEndian.Uint64(part))
}

func (r *leafReader) text() string {
	length := r.take(4)
	if r.short {
		return ""
	}
	part := r.take(int(binary.BigEndian.Uint32(length)))
	r.notUTF8 = r.notUTF8 || !utf8.Valid(part)
	return string(part)
}
