package audit

import (
	"errors"
	"fmt"
	"io"
	"os"

	"chainmail/merkle"
)

// leaves is a queue of leaf hashes. A log whose seals have fallen far behind, or that has none, makes it
// long: what is between its ends then lies in a temporary file.
type leaves struct {
	dir           string
	head          []merkle.Hash // to be popped next, from at on
	at            int
	tail          []merkle.Hash // pushed last
	file          *os.File      // nil until it is needed
	read, written int64         // hashes
	buf           []byte
}

// leavesInMemory is how many hashes of each end are in memory, a MiB's worth.
const leavesInMemory = 1 << 15

func (l *leaves) push(h merkle.Hash) error {
	l.tail = append(l.tail, h)
	if len(l.tail) < leavesInMemory {
		return nil
	}
	if l.at == len(l.head) && l.read == l.written {
		l.swap()
		return nil
	}
	l.buf = l.buf[:0]
	for i := range l.tail {
		l.buf = append(l.buf, l.tail[i][:]...)
	}
	if l.file == nil {
		file, err := createTemp(l.dir)
		if err != nil {
			return err
		}
		l.file = file
	}
	if _, err := l.file.WriteAt(l.buf, l.written*int64(len(merkle.Hash{}))); err != nil {
		return fmt.Errorf("put leaf hashes aside: %w", err)
	}
	l.written += int64(len(l.tail))
	l.tail = l.tail[:0]
	return nil
}

var errNoLeaf = errors.New("no leaf hash is left")

func (l *leaves) pop() (merkle.Hash, error) {
	if l.at == len(l.head) {
		if err := l.refill(); err != nil {
			return merkle.Hash{}, err
		}
	}
	l.at++
	return l.head[l.at-1], nil
}

// refill makes what follows the head the head.
func (l *leaves) refill() error {
	switch {
	case l.read < l.written:
	case len(l.tail) > 0:
		l.swap()
		return nil
	default:
		return errNoLeaf
	}
	const size = int64(len(merkle.Hash{}))
	l.buf = append(l.buf[:0], make([]byte, leavesInMemory*size)...)
	if _, err := l.file.ReadAt(l.buf, l.read*size); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read leaf hashes that were put aside: %w", err)
	}
	l.head, l.at = l.head[:0], 0
	for i := range int64(leavesInMemory) {
		l.head = append(l.head, merkle.Hash(l.buf[i*size:(i+1)*size]))
	}
	if l.read += leavesInMemory; l.read == l.written {
		l.read, l.written = 0, 0 // the file's beginning is free again
	}
	return nil
}

func (l *leaves) swap() {
	l.head, l.tail, l.at = l.tail, l.head[:0], 0
}

func (l *leaves) close() error {
	file := l.file
	l.file = nil
	return closeTemp(file)
}
