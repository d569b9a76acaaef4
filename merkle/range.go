package merkle

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is the hash of a leaf or of a subtree.
type Hash = tlog.Hash

// LeafHash is SHA-256(0x00 || leaf) (RFC 6962 §2.1).
func LeafHash(leaf []byte) Hash { return tlog.RecordHash(leaf) }

// NodeHash is SHA-256(0x01 || left || right) (RFC 6962 §2.1).
func NodeHash(left, right Hash) Hash {
	var data [1 + 2*tlog.HashSize]byte
	data[0] = 1
	copy(data[1:], left[:])
	copy(data[1+tlog.HashSize:], right[:])
	return sha256.Sum256(data[:])
}

// EmptyRoot is the root of the tree without a leaf: SHA-256 of nothing (RFC 6962 §2.1).
func EmptyRoot() Hash { return sha256.Sum256(nil) }

// Range is a tree that grows at its right edge, of which only the roots of its complete subtrees
// are kept: at most 63 hashes, whatever the tree's size. The zero value is the empty tree.
type Range struct {
	size  int64
	peaks []Hash // of the complete subtrees, the largest first: one for each bit that is set in size
}

// RangeOf returns the tree of so many leaves with these peaks, as Peaks returned them.
func RangeOf(size int64, peaks []Hash) (Range, error) {
	if size < 0 || bits.OnesCount64(uint64(size)) != len(peaks) {
		return Range{}, fmt.Errorf("a tree of %d leaves does not have %d peaks", size, len(peaks))
	}
	return Range{size, slices.Clone(peaks)}, nil
}

// Size is the number of leaves.
func (r *Range) Size() int64 { return r.size }

// Peaks are the roots of the complete subtrees, the largest first. The caller doesn't change them.
func (r *Range) Peaks() []Hash { return r.peaks }

// Append adds a leaf.
func (r *Range) Append(leaf Hash) {
	for n := r.size; n&1 == 1; n >>= 1 {
		last := len(r.peaks) - 1
		leaf = NodeHash(r.peaks[last], leaf)
		r.peaks = r.peaks[:last]
	}
	r.peaks = append(r.peaks, leaf)
	r.size++
}

// Root is the tree's Merkle tree hash.
func (r *Range) Root() Hash {
	if r.size == 0 {
		return EmptyRoot()
	}
	last := len(r.peaks) - 1
	root := r.peaks[last]
	for _, peak := range slices.Backward(r.peaks[:last]) {
		root = NodeHash(peak, root)
	}
	return root
}

// Clone returns a tree that grows apart from this one.
func (r *Range) Clone() Range { return Range{r.size, slices.Clone(r.peaks)} }
