package eventstore_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/eventstore"
)

// ParseLeaf undoes Leaf, for what other programs wrote too.
func TestParseLeafUndoesLeaf(t *testing.T) {
	t.Parallel()
	for _, known := range readLeaves(t) {
		leaf, err := hex.DecodeString(known.Leaf)
		if err != nil {
			t.Fatal(err)
		}
		checkParsed(t, leaf, known.event())
	}
	rapid.Check(t, func(rt *rapid.T) {
		e := drawEvent(rt)
		checkParsed(rt, eventstore.Leaf(e), e)
	})
}

func checkParsed(t rapid.TB, leaf []byte, want domain.Event) {
	t.Helper()
	want.RecordedAt = want.RecordedAt.UTC()
	if got, err := eventstore.ParseLeaf(leaf); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%x: got %+v, %v, want %+v", leaf, got, err, want)
	}
}

// What is parsed is the caller's: it does not change with the bytes that it came from.
func TestParseLeafCopies(t *testing.T) {
	t.Parallel()
	want := readLeaves(t)[0].event()
	leaf := eventstore.Leaf(want)
	got, err := eventstore.ParseLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	clear(leaf)
	checkParsed(t, eventstore.Leaf(got), want)
}

func TestParseLeafRefuses(t *testing.T) {
	t.Parallel()
	good := eventstore.Leaf(readLeaves(t)[0].event())
	stream := int(binary.BigEndian.Uint32(good[25:])) // the length of the first text
	change := func(at int, to ...byte) []byte {
		return slices.Replace(slices.Clone(good), at, at+len(to), to...)
	}
	for name, leaf := range map[string][]byte{
		"nothing":              nil,
		"layout 0":             change(0, 0),
		"layout 2":             change(0, 2),
		"negative position":    change(1, 0xff),
		"negative version":     change(29+stream, 0x80),
		"text too long":        change(25, 0xff, 0xff, 0xff, 0xff),
		"text longer by one":   change(28, good[28]+1),
		"text shorter by one":  change(28, good[28]-1),
		"not UTF-8":            change(29, 0xff),
		"a byte more":          append(slices.Clone(good), 0),
		"before 1970":          change(len(good)-8, 0xff),
		"after the year 9999":  change(len(good)-8, 0x7f),
		"a hash in its place":  bytes.Repeat([]byte{1}, 32),
		"the layout twice":     append([]byte{1}, good...),
		"with the hash prefix": append([]byte{0}, good...),
	} {
		if e, err := eventstore.ParseLeaf(leaf); err == nil {
			t.Errorf("%s: got %+v", name, e)
		}
	}
	for end := range good {
		if e, err := eventstore.ParseLeaf(good[:end]); err == nil {
			t.Errorf("the first %d bytes: got %+v", end, e)
		}
	}
}

// Any bytes are refused, or are the leaf of what they are read as.
func FuzzParseLeaf(f *testing.F) {
	for _, known := range readLeaves(f) {
		f.Add(eventstore.Leaf(known.event()))
	}
	f.Fuzz(func(t *testing.T, leaf []byte) {
		e, err := eventstore.ParseLeaf(leaf)
		if err != nil {
			return
		}
		if again := eventstore.Leaf(e); !bytes.Equal(again, leaf) {
			t.Fatalf("got %x, want %x", again, leaf)
		}
	})
}
