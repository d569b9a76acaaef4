package audit

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"time"

	"chainmail/domain"
)

// readEvent reads a line that holds an event. It takes exactly what an Exporter writes: the law is that
// the event, written anew, is the line. So no byte of a line can change without being noticed. The event's
// bytes are added to texts; those of a line that is none are not.
func (f *File) readEvent(line []byte) (domain.Event, bool) {
	r := lineReader{rest: line, texts: f.texts}
	var e domain.Event
	r.skip(eventStart)
	e.Position = domain.Position(r.number())
	r.skip(`,"event_id":`)
	e.ID = r.id()
	r.skip(`,"stream":`)
	e.Stream = domain.StreamID(r.text())
	r.skip(`,"stream_version":`)
	e.Version = domain.Version(r.number())
	r.skip(`,"type":`)
	e.Type = domain.Type(r.text())
	r.skip(`,"payload":`)
	e.Payload = r.text()
	r.skip(`,"metadata":`)
	e.Metadata = r.text()
	r.skip(`,"body":`)
	if !r.null() {
		e.Body = r.text()
	}
	r.skip(`,"recorded_at":`)
	e.RecordedAt = r.time()
	r.skip(`,"leaf_hash":`)
	e.LeafHash = r.hash()
	if r.failed {
		return domain.Event{}, false
	}
	f.check = appendEventLine(f.check[:0], &e)
	if !bytes.Equal(f.check, line) {
		return domain.Event{}, false
	}
	f.texts = r.texts
	return e, true
}

// read reads a first line. The version alone is right where that is another one than ours.
func (h *header) read(line []byte) (version int64, ok bool) {
	r := lineReader{rest: line}
	r.skip(headerStart)
	version = r.number()
	if r.failed || version != exportVersion {
		return version, !r.failed
	}
	r.skip(`,"log_id":`)
	if !r.null() {
		h.log = r.id()
	}
	r.skip(`,"origin":`)
	if !r.null() {
		h.origin = string(r.text())
	}
	r.skip(`,"exported_at":`)
	h.at = r.time()
	return version, !r.failed && bytes.Equal(h.append(nil), line)
}

// read reads a last line.
func (t *trailer) read(line []byte) bool {
	r := lineReader{rest: line}
	r.skip(trailerStart)
	t.events = r.number()
	r.skip(`,"head_leaf_hash":`)
	if !r.null() {
		t.head = r.hash()
	}
	r.skip(`,"sha256":`)
	t.sum = r.hash()
	return !r.failed && bytes.Equal(t.append(nil), line)
}

// lineReader takes one thing after the other from rest. Once something else is there than was asked for, it
// has failed, and what it returns means nothing. It is lenient where writing anew shows the difference.
type lineReader struct {
	rest   []byte
	texts  []byte // the strings that were read
	failed bool
}

func (r *lineReader) skip(literal string) {
	if !bytes.HasPrefix(r.rest, []byte(literal)) {
		r.failed = true
		return
	}
	r.rest = r.rest[len(literal):]
}

func (r *lineReader) null() bool {
	rest, found := bytes.CutPrefix(r.rest, []byte("null"))
	r.rest = rest
	return found
}

func (r *lineReader) number() int64 {
	n := 0
	for n < len(r.rest) && (r.rest[n] == '-' || '0' <= r.rest[n] && r.rest[n] <= '9') {
		n++
	}
	v, err := strconv.ParseInt(string(r.rest[:n]), 10, 64)
	r.failed = r.failed || err != nil
	r.rest = r.rest[n:]
	return v
}

func (r *lineReader) id() (id domain.ID) {
	err := id.UnmarshalText(r.text())
	r.failed = r.failed || err != nil
	return id
}

func (r *lineReader) hash() (h [32]byte) {
	digits := r.text()
	if len(digits) != hex.EncodedLen(len(h)) {
		r.failed = true
		return h
	}
	_, err := hex.Decode(h[:], digits)
	r.failed = r.failed || err != nil
	return h
}

func (r *lineReader) time() time.Time {
	t, err := time.Parse(time.RFC3339Nano, string(r.text()))
	r.failed = r.failed || err != nil
	return t
}

// text takes a JSON string with the escapes that package wire writes.
func (r *lineReader) text() []byte {
	if r.failed || len(r.rest) == 0 || r.rest[0] != '"' {
		r.failed = true
		return nil
	}
	start := len(r.texts)
	rest := r.rest[1:]
	for {
		n := bytes.IndexAny(rest, `"\`)
		if n < 0 {
			r.failed = true
			return nil
		}
		r.texts = append(r.texts, rest[:n]...)
		if rest[n] == '"' {
			r.rest = rest[n+1:]
			return r.texts[start:len(r.texts):len(r.texts)]
		}
		c, size := unescape(rest[n+1:])
		if size == 0 {
			r.failed = true
			return nil
		}
		r.texts = append(r.texts, c)
		rest = rest[n+1+size:]
	}
}

// unescape reads what follows a backslash, and how long it is; 0 for what is never written.
func unescape(s []byte) (c byte, size int) {
	if len(s) == 0 {
		return 0, 0
	}
	switch s[0] {
	case '"', '\\':
		return s[0], 1
	case 'b':
		return '\b', 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'u':
		if len(s) >= 5 && s[1] == '0' && s[2] == '0' {
			var b [1]byte
			if _, err := hex.Decode(b[:], s[3:5]); err == nil {
				return b[0], 5
			}
		}
	}
	return 0, 0
}
