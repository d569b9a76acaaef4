package audit

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
)

// sorter puts records of one width in the order of their first keySize bytes, however many there are: what
// fits in memory is sorted there, and goes to a temporary file as a run when it no longer does.
type sorter struct {
	dir   string
	width int
	limit int    // records in memory at most
	buf   []byte // the records of this run
	order []entry
	file  *os.File  // nil until there is a run
	runs  []section // in the file, one after the other
	out   *bufio.Writer
}

// keySize is how much of a record is its key: an id and a position.
const keySize = 16 + 8

// entry is a record's place in buf, with the beginning of its key at hand.
type entry struct {
	near uint64
	at   int32
}

// section is where a run lies in the file.
type section struct{ from, size int64 }

// mergeMemory is for reading all runs at once, in bytes.
const mergeMemory = 4 << 20

// next returns the place of one more record, for the caller to write it there at once.
func (s *sorter) next() ([]byte, error) {
	if len(s.buf) >= s.limit*s.width {
		if err := s.spill(); err != nil {
			return nil, err
		}
	}
	if s.buf == nil {
		s.buf = make([]byte, 0, s.limit*s.width)
	}
	s.buf = s.buf[:len(s.buf)+s.width]
	return s.buf[len(s.buf)-s.width:], nil
}

func (s *sorter) sort() {
	s.order = s.order[:0]
	for at := 0; at < len(s.buf); at += s.width {
		s.order = append(s.order, entry{binary.BigEndian.Uint64(s.buf[at:]), int32(at)})
	}
	slices.SortFunc(s.order, func(a, b entry) int {
		if a.near != b.near {
			return cmp.Compare(a.near, b.near)
		}
		return bytes.Compare(s.buf[a.at:a.at+keySize], s.buf[b.at:b.at+keySize])
	})
}

// spill writes the records in memory to the file as one run.
func (s *sorter) spill() error {
	s.sort()
	if s.file == nil {
		file, err := createTemp(s.dir)
		if err != nil {
			return err
		}
		s.file, s.out = file, bufio.NewWriterSize(file, 64<<10)
	}
	var from int64
	if n := len(s.runs); n > 0 {
		from = s.runs[n-1].from + s.runs[n-1].size
	}
	for _, e := range s.order {
		s.out.Write(s.buf[e.at : int(e.at)+s.width]) // Flush returns its error
	}
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("put records aside: %w", err)
	}
	s.runs = append(s.runs, section{from, int64(len(s.buf))})
	s.buf = s.buf[:0]
	return nil
}

// each calls f with all records in order. They are gone then. A record is valid during its call.
func (s *sorter) each(f func(record []byte)) error {
	if len(s.runs) == 0 {
		s.sort()
		for _, e := range s.order {
			f(s.buf[e.at : int(e.at)+s.width])
		}
		s.buf = nil
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	s.buf, s.order, s.out = nil, nil, nil
	return s.merge(f)
}

// merge reads all runs at once, each in order.
func (s *sorter) merge(f func(record []byte)) error {
	m := merger{}
	memory := max(mergeMemory/len(s.runs), s.width)
	for _, r := range s.runs {
		c := &cursor{
			in:     bufio.NewReaderSize(io.NewSectionReader(s.file, r.from, r.size), memory),
			record: make([]byte, s.width),
		}
		more, err := c.next()
		if err != nil {
			return err
		}
		if more {
			m = append(m, c)
		}
	}
	m.init()
	for len(m) > 0 {
		f(m[0].record)
		more, err := m[0].next()
		if err != nil {
			return err
		}
		if !more {
			m[0] = m[len(m)-1]
			m = m[:len(m)-1]
		}
		m.sink(0)
	}
	return nil
}

func (s *sorter) close() error {
	file := s.file
	s.file, s.runs = nil, nil
	return closeTemp(file)
}

// cursor is a place in a run.
type cursor struct {
	in     *bufio.Reader
	record []byte
}

func (c *cursor) next() (more bool, err error) {
	_, err = io.ReadFull(c.in, c.record)
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read records that were put aside: %w", err)
	}
	return true, nil
}

// merger is a heap of cursors, the one with the least record at the root. container/heap would call
// through an interface for every comparison.
type merger []*cursor

func (m merger) init() {
	for i := len(m)/2 - 1; i >= 0; i-- {
		m.sink(i)
	}
}

// sink puts the cursor at i in its place among those below it.
func (m merger) sink(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m); child++ {
			if bytes.Compare(m[child].record[:keySize], m[least].record[:keySize]) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		m[i], m[least] = m[least], m[i]
		i = least
	}
}
