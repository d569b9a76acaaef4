package audit

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// exportVersion is that of the format; docs/replay.md describes it for readers in ten years.
const exportVersion = 1

// maxExportLine is how long a line of an export may be, in bytes without the newline. The longest event of
// today is a policy of 256 KiB, which takes four times as much where it is nothing but quotes and backslashes: they are
// escaped twice.
const maxExportLine = 2 << 20

// Exporter writes an export: JSON Lines with a header, a line an event, and a last line by which a reader
// knows that nothing is missing and nothing was changed. Payload, metadata and body stand in it as JSON
// strings, so that any JSON parser gives back the very bytes that were hashed.
type Exporter struct {
	w    *bufio.Writer
	sum  hash.Hash // over all lines so far
	at   time.Time
	line []byte

	begun  bool
	events int64
	head   [32]byte // the last event's leaf hash
}

// NewExporter returns one that writes to w. The time is what the header says of when the export was made.
func NewExporter(w io.Writer, at time.Time) *Exporter {
	sum := sha256.New()
	return &Exporter{w: bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16), sum: sum, at: at}
}

// Write adds events in the order of the log.
func (x *Exporter) Write(events []domain.Event) error {
	for i := range events {
		e := &events[i]
		if !x.begun {
			if err := x.begin(e); err != nil {
				return err
			}
		}
		x.line = appendEventLine(x.line[:0], e)
		if len(x.line) > maxExportLine {
			return fmt.Errorf("event %d takes %d bytes: an export has room for %d", e.Position, len(x.line), maxExportLine)
		}
		if err := x.put(); err != nil {
			return err
		}
		x.events++
		x.head = e.LeafHash
	}
	return nil
}

// Close writes the last line. It does not close the writer below.
func (x *Exporter) Close() error {
	if !x.begun {
		if err := x.begin(&domain.Event{}); err != nil {
			return err
		}
	}
	if err := x.w.Flush(); err != nil {
		return err
	}
	t := trailer{events: x.events, head: x.head}
	x.sum.Sum(t.sum[:0])
	x.line = t.append(x.line[:0])
	if err := x.put(); err != nil {
		return err
	}
	return x.w.Flush()
}

// begin writes the header, which names the log if the first event does.
func (x *Exporter) begin(first *domain.Event) error {
	x.begun = true
	h := header{at: x.at}
	if data, err := domain.Decode(*first); err == nil {
		if created, ok := data.(*domain.LogCreated); ok {
			h.log, h.origin = created.LogID, created.Origin
		}
	}
	x.line = h.append(x.line[:0])
	return x.put()
}

func (x *Exporter) put() error {
	x.line = append(x.line, '\n')
	_, err := x.w.Write(x.line)
	return err
}

// header is the first line of an export.
type header struct {
	log    domain.ID
	origin string
	at     time.Time
}

const headerStart = `{"chainmail_export":`

func (h *header) append(dst []byte) []byte {
	dst = append(dst, headerStart...)
	dst = strconv.AppendInt(dst, exportVersion, 10)
	dst = append(dst, `,"log_id":`...)
	if h.log.IsZero() {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, '"')
		dst = append(h.log.Append(dst), '"')
	}
	dst = append(dst, `,"origin":`...)
	dst = wire.AppendStringOrNull(dst, h.origin)
	dst = append(dst, `,"exported_at":`...)
	return append(wire.AppendTime(dst, h.at), '}')
}

// trailer is the last line of an export.
type trailer struct {
	events int64
	head   [32]byte // the last event's leaf hash, zero for none
	sum    [32]byte // SHA-256 of all bytes before this line
}

const trailerStart = `{"events":`

func (t *trailer) append(dst []byte) []byte {
	dst = append(dst, trailerStart...)
	dst = strconv.AppendInt(dst, t.events, 10)
	dst = append(dst, `,"head_leaf_hash":`...)
	if t.events == 0 {
		dst = append(dst, "null"...)
	} else {
		dst = appendHash(dst, t.head)
	}
	dst = append(dst, `,"sha256":`...)
	return append(appendHash(dst, t.sum), '}')
}

const eventStart = `{"position":`

// appendEventLine adds an event as an export has it.
func appendEventLine(dst []byte, e *domain.Event) []byte {
	return appendEvent(dst, e, func(dst, text []byte) []byte { return wire.AppendString(dst, string(text)) })
}

// appendEvent adds an event as a JSON object with every column of its row, in order. What adds the three
// texts is given.
func appendEvent(dst []byte, e *domain.Event, text func(dst, text []byte) []byte) []byte {
	dst = append(dst, eventStart...)
	dst = strconv.AppendInt(dst, int64(e.Position), 10)
	dst = append(dst, `,"event_id":"`...)
	dst = e.ID.Append(dst)
	dst = append(dst, `","stream":`...)
	dst = wire.AppendString(dst, string(e.Stream))
	dst = append(dst, `,"stream_version":`...)
	dst = strconv.AppendInt(dst, int64(e.Version), 10)
	dst = append(dst, `,"type":`...)
	dst = wire.AppendString(dst, string(e.Type))
	dst = append(dst, `,"payload":`...)
	dst = text(dst, e.Payload)
	dst = append(dst, `,"metadata":`...)
	dst = text(dst, e.Metadata)
	dst = append(dst, `,"body":`...)
	if e.Body == nil {
		dst = append(dst, "null"...)
	} else {
		dst = text(dst, e.Body)
	}
	dst = append(dst, `,"recorded_at":`...)
	dst = wire.AppendTime(dst, e.RecordedAt)
	dst = append(dst, `,"leaf_hash":`...)
	return append(appendHash(dst, e.LeafHash), '}')
}

func appendHash(dst []byte, h [32]byte) []byte {
	dst = append(dst, '"')
	dst = hex.AppendEncode(dst, h[:])
	return append(dst, '"')
}
