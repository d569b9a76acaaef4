package audit

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"chainmail/domain"
)

// The bounds of reading an export.
const (
	fileBatch      = 1000      // events that Next returns at most
	fileBatchBytes = 512 << 10 // once their texts have so many bytes, Next returns them
	maxBadLines    = 100       // then the rest is not read
)

// File reads an export, compressed or not, as a Source. What is damaged becomes a finding of kind "file",
// and reading goes on behind it. A finding's position is that of the event that the faulty line holds or
// should hold: 0 for the header and for the file as a whole, one past the last event for the last line.
type File struct {
	file  *os.File
	size  int64
	taken counter
	lines *bufio.Reader
	sum   hash.Hash // over the lines before the last
	long  []byte    // a line that is longer than the buffer of lines
	held  []byte    // a line that was read and comes again
	check []byte    // a line written anew, to compare
	batch []domain.Event
	texts []byte // what the events of batch point into

	log      domain.ID // from the header
	origin   string    // from the header
	next     domain.Position
	events   int64
	head     [32]byte // the last event's leaf hash
	bad      int      // lines that could not be read
	ended    bool
	findings []Finding
	claims   []Claim
}

// counter counts what goes through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// OpenFile opens an export and reads its header. Something else altogether is read as an export without events, and with a finding.
func OpenFile(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{file: file, sum: sha256.New(), next: 1}
	if err := f.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return f, nil
}

func (f *File) begin() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	f.size, f.taken.r = info.Size(), f.file
	f.lines = bufio.NewReaderSize(&f.taken, 1<<16)
	if start, _ := f.lines.Peek(2); string(start) == "\x1f\x8b" { // RFC 1952 §2.3.1
		unzipped, err := gzip.NewReader(f.lines)
		if err != nil {
			return f.damaged(err)
		}
		f.lines = bufio.NewReaderSize(unzipped, 1<<16)
	}
	return f.readHeader()
}

// readHeader takes the first line. Where that is no header but events follow, it is a damaged export.
func (f *File) readHeader() error {
	line, err := f.readLine()
	switch {
	case err == io.EOF || errors.Is(err, errLong):
		f.noExport("")
		return nil
	case err != nil && !errors.Is(err, errCut):
		return f.damaged(err)
	}
	var h header
	if version, ok := h.read(line); ok {
		if version != exportVersion {
			f.noExport(fmt.Sprintf(" (its first line says version %d)", version))
			return nil
		}
		f.log, f.origin = h.log, h.origin
		f.add(line)
		return nil
	}
	if _, ok := f.readEvent(line); ok {
		f.find(0, "the first line, the header, is missing")
		f.held = bytes.Clone(line)
		return nil
	}
	started := bytes.HasPrefix(line, []byte(headerStart))
	f.add(line)
	second, err := f.readLine()
	if _, ok := f.readEvent(second); !ok && !started {
		f.noExport("")
		return nil
	}
	f.find(0, "the first line, the header, is damaged")
	if err != nil {
		return f.damaged(err)
	}
	f.held = bytes.Clone(second)
	return nil
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// Done is how much of the file was read, from 0 to 1.
func (f *File) Done() float64 { return float64(f.taken.n) / float64(max(1, f.size)) }

// Findings returns what is wrong with the file itself, as far as it was read.
func (f *File) Findings() []Finding { return f.findings }

// Claims returns what the last line says of the log's length; nothing before the end, and of a cut file.
func (f *File) Claims() []Claim { return f.claims }

// Next implements Source. An error other than io.EOF says that the file could not be read, not that it is
// damaged.
func (f *File) Next(ctx context.Context) ([]domain.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	events := f.batch[:0]
	f.texts = f.texts[:0]
	for !f.ended && len(events) < fileBatch && len(f.texts) < fileBatchBytes {
		line, err := f.readLine()
		if err != nil {
			if err := f.damaged(err); err != nil {
				return nil, err
			}
			continue
		}
		if bytes.HasPrefix(line, []byte(trailerStart)) {
			if err := f.end(line); err != nil {
				return nil, err
			}
			continue
		}
		f.add(line)
		e, ok := f.readEvent(line)
		if !ok {
			f.unreadable("the line cannot be read as an event")
			continue
		}
		f.compareLog(&e)
		f.events++
		f.next, f.head = e.Position+1, e.LeafHash
		events = append(events, e)
	}
	f.batch = events
	if len(events) == 0 {
		return nil, io.EOF
	}
	return events, nil
}

// compareLog finds a header that was put before the events of another log, or changed.
func (f *File) compareLog(e *domain.Event) {
	if e.Type != domain.TypeLogCreated || f.log.IsZero() {
		return
	}
	if data, err := domain.Decode(*e); err == nil {
		created, ok := data.(*domain.LogCreated)
		switch {
		case !ok:
		case created.LogID != f.log:
			f.find(0, fmt.Sprintf("the header names the log %s and the events are those of %s", f.log, created.LogID))
		case created.Origin != f.origin:
			f.find(0, fmt.Sprintf("the header names the origin %q and the events are those of %q", f.origin, created.Origin))
		}
	}
}

// end compares what was read with what the last line says.
func (f *File) end(line []byte) error {
	f.ended = true
	var t, want trailer
	if !t.read(line) {
		f.find(f.next, "the last line is damaged")
		return nil
	}
	f.claims = append(f.claims, Claim{By: "the export's last line", Position: domain.Position(t.events)})
	f.sum.Sum(want.sum[:0])
	switch {
	case t.events != f.events:
		f.find(f.next, fmt.Sprintf("the last line says that there are %d events, and %d can be read", t.events, f.events))
	case t.events > 0 && t.head != f.head:
		f.find(f.next, "the last line names another leaf hash than that of the last event")
	case t.sum != want.sum:
		f.find(0, "the checksum in the last line is not that of the lines before it: something in the file was changed")
	}
	_, err := f.readLine()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil || errors.Is(err, errCut) || errors.Is(err, errLong) {
		f.find(f.next, "something follows the last line")
		return nil
	}
	return f.damaged(err)
}

// add counts a line among those that the checksum covers.
func (f *File) add(line []byte) {
	f.sum.Write(line)
	f.sum.Write([]byte{'\n'})
}
