package sealer

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"chainmail/merkle"
)

// leaf is a leaf hash behind its position, as the database sends it.
func leaf(position int64, hash ...byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(position)), hash...)
}

func hashOf(position int64) merkle.Hash { return merkle.LeafHash([]byte{byte(position)}) }

func leavesAt(positions ...int64) (raw []byte) {
	for _, p := range positions {
		hash := hashOf(p)
		raw = append(raw, leaf(p, hash[:]...)...)
	}
	return raw
}

// Leaves are put in order, whatever order the database sends them in.
func TestInOrder(t *testing.T) {
	t.Parallel()
	want := []merkle.Hash{hashOf(5), hashOf(6), hashOf(7)}
	for _, raw := range [][]byte{leavesAt(5, 6, 7), leavesAt(7, 5, 6), leavesAt(6, 7, 5)} {
		if got, err := inOrder(raw, 4, 3); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
}

func TestInOrderRefuses(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"nothing":                nil,
		"a gap":                  leavesAt(5, 7),
		"one more":               leavesAt(5, 6, 7, 8),
		"one before":             leavesAt(4, 5, 6),
		"one after":              leavesAt(6, 7, 8),
		"a short hash":           append(leavesAt(5, 6), leaf(7, make([]byte, 31)...)...),
		"a short and a long one": slices.Concat(leavesAt(5), leaf(6, make([]byte, 31)...), leaf(7, make([]byte, 33)...)),
	} {
		if got, err := inOrder(raw, 4, 3); !errors.Is(err, errDamaged) {
			t.Errorf("%s: got %d leaves, %v, want %v", name, len(got), err, errDamaged)
		}
	}
}
