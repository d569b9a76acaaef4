package audit

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/merkle"
)

// Records come in order, each once, however many runs they went through.
func TestSorter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := sorter{dir: dir, width: keySize + 1, limit: rapid.IntRange(1, 40).Draw(t, "limit")}
		var want []string
		for range rapid.IntRange(0, 300).Draw(t, "records") {
			record, err := s.next()
			if err != nil {
				t.Fatal(err)
			}
			clear(record)
			record[0] = rapid.Byte().Draw(t, "near") % 4
			record[12] = rapid.Byte().Draw(t, "far") % 4
			binary.BigEndian.PutUint64(record[16:], uint64(len(want)+1)) // positions come once
			record[24] = byte(len(want))
			want = append(want, string(record))
		}
		slices.Sort(want)
		var got []string
		if err := s.each(func(record []byte) { got = append(got, string(record)) }); err != nil {
			t.Fatal(err)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("limit %d: got %q, want %q", s.limit, got, want)
		}
	})
	checkNothingLeft(t, dir)
}

// Memory does not follow the number of records: what is held is never more than the limit.
func TestSorterMemory(t *testing.T) {
	t.Parallel()
	const limit = 1000
	s := sorter{dir: t.TempDir(), width: factSize, limit: limit}
	for range 100 * limit {
		record, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		binary.BigEndian.PutUint64(record, rand.Uint64())
		if held := cap(s.buf) + cap(s.order)*16; held > limit*(factSize+16)*2 {
			t.Fatalf("%d bytes for at most %d records", held, limit)
		}
	}
	if len(s.runs) < 99 {
		t.Errorf("only %d runs", len(s.runs))
	}
	n, last := 0, uint64(0)
	err := s.each(func(record []byte) {
		n++
		near := binary.BigEndian.Uint64(record)
		if near < last {
			t.Fatalf("%x after %x", near, last)
		}
		last = near
	})
	if err != nil || n != 100*limit {
		t.Errorf("got %d records, %v", n, err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

// A queue gives back what was pushed, in order, however long it gets and whenever it is emptied.
func TestLeaves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := leaves{dir: dir}
	var pushed, popped uint64
	leaf := func(n uint64) (h merkle.Hash) {
		binary.BigEndian.PutUint64(h[:], n)
		return h
	}
	for round := range 12 {
		for range []int{10, 5 * leavesInMemory, 1, leavesInMemory, leavesInMemory - 11, 0, 3*leavesInMemory + 7}[round%7] {
			if err := l.push(leaf(pushed)); err != nil {
				t.Fatal(err)
			}
			pushed++
			if held := cap(l.head) + cap(l.tail); held > 4*leavesInMemory {
				t.Fatalf("%d hashes are held", held)
			}
		}
		left := []uint64{0, 2*leavesInMemory + 3, 5, leavesInMemory}[round%4]
		for popped+left < pushed {
			got, err := l.pop()
			if err != nil || got != leaf(popped) {
				t.Fatalf("leaf %d: got %x, %v", popped, got[:8], err)
			}
			popped++
		}
	}
	for ; popped < pushed; popped++ {
		if got, err := l.pop(); err != nil || got != leaf(popped) {
			t.Fatalf("leaf %d: got %x, %v", popped, got[:8], err)
		}
	}
	if _, err := l.pop(); err == nil {
		t.Error("a leaf that was not pushed")
	}
	if err := l.close(); err != nil {
		t.Error(err)
	}
	checkNothingLeft(t, dir)
}

func checkNothingLeft(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A directory in which nothing can be made is told, and not taken for a finding.
func TestNoTempDir(t *testing.T) {
	t.Parallel()
	s := sorter{dir: t.TempDir() + "/none", width: keySize, limit: 1}
	if _, err := s.next(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.next(); err == nil {
		t.Error("a record more than there is room for, and no error")
	}
}

// A log that is wrong all over is told in bounded space.
func TestManyFindings(t *testing.T) {
	t.Parallel()
	var f findings
	for at := domain.Position(5 * maxFindings); at > 0; at-- {
		f.add(at, KindLeafHash, "wrong")
	}
	f.add(3, KindGap, "missing")
	got := f.sorted()
	if len(got) != maxFindings+2 {
		t.Fatalf("got %d findings", len(got))
	}
	if want := (Finding{1, KindLeafHash, "and 4000 more of this kind, here and elsewhere"}); got[0] != want {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	if want := (Finding{3, KindGap, "missing"}); got[1] != want {
		t.Errorf("got %+v, want %+v", got[1], want)
	}
}

// What PostgreSQL never sends is refused, and never read past its end.
func TestBadRows(t *testing.T) {
	t.Parallel()
	good := []byte{0, 0, 0, columns}
	for range columns {
		good = append(good, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff) // NULL
	}
	b := new(batch)
	if err := b.add(good); err != nil || len(b.events) != 1 {
		t.Errorf("a row of NULLs: %v", err)
	}
	for size := range len(good) {
		if err := b.add(good[:size]); err == nil {
			t.Errorf("%d bytes of a row were taken", size)
		}
	}
	good[11] = 200 // a length, once the sign is gone
	good[8], good[9], good[10] = 0, 0, 0
	if err := b.add(good); err == nil {
		t.Error("a column longer than its row was taken")
	}
}
