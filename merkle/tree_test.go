package merkle_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/merkle"
)

// tree is a log in memory: its leaves, and the hashes that package tlog makes proofs from.
type tree struct {
	leaves [][]byte
	stored []merkle.Hash
}

// grow returns a tree whose leaves are told apart by their content and their length.
func grow(t testing.TB, size int) *tree {
	t.Helper()
	g := new(tree)
	for i := range size {
		g.add(t, fmt.Appendf(nil, "leaf %d", i*i))
	}
	return g
}

func (g *tree) add(t testing.TB, leaf []byte) {
	t.Helper()
	hashes, err := tlog.StoredHashes(int64(len(g.leaves)), leaf, g)
	if err != nil {
		t.Fatal(err)
	}
	g.leaves, g.stored = append(g.leaves, leaf), append(g.stored, hashes...)
}

// ReadHashes makes a tree a tlog.HashReader.
func (g *tree) ReadHashes(indexes []int64) ([]merkle.Hash, error) {
	hashes := make([]merkle.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = g.stored[index]
	}
	return hashes, nil
}

func (g *tree) root(t testing.TB, size int64) merkle.Hash {
	t.Helper()
	root, err := tlog.TreeHash(size, g)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func (g *tree) inclusion(t testing.TB, index, size int64) []merkle.Hash {
	t.Helper()
	path, err := tlog.ProveRecord(size, index, g)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (g *tree) consistency(t testing.TB, from, to int64) []merkle.Hash {
	t.Helper()
	path, err := tlog.ProveTree(to, from, g)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// treeHash is MTH of RFC 6962 §2.1, word for word.
func treeHash(leaves [][]byte) merkle.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := 1 // the largest power of two smaller than n
	for 2*k < len(leaves) {
		k *= 2
	}
	left, right := treeHash(leaves[:k]), treeHash(leaves[k:])
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// A tree that grows leaf by leaf is the tree of RFC 6962 at every size, and that of package tlog.
func TestRangeIsTheTreeOfRFC6962(t *testing.T) {
	t.Parallel()
	const most = 300
	g := grow(t, most)
	var r merkle.Range
	for size := range most + 1 {
		if size > 0 {
			r.Append(merkle.LeafHash(g.leaves[size-1]))
		}
		want := treeHash(g.leaves[:size])
		if got := r.Root(); got != want || r.Size() != int64(size) {
			t.Fatalf("a tree of %d leaves: got %v with %d, want %v", size, got, r.Size(), want)
		}
		if got := g.root(t, int64(size)); got != want {
			t.Fatalf("package tlog, %d leaves: got %v, want %v", size, got, want)
		}
	}
}

// A range that was stored and read back goes on as if it had not been.
func TestRangeOfPeaksGoesOn(t *testing.T) {
	t.Parallel()
	const most = 70
	g := grow(t, most)
	for size := range most {
		var r merkle.Range
		for _, leaf := range g.leaves[:size] {
			r.Append(merkle.LeafHash(leaf))
		}
		again, err := merkle.RangeOf(r.Size(), r.Peaks())
		if err != nil {
			t.Fatal(err)
		}
		clone := r.Clone()
		next := merkle.LeafHash(g.leaves[size])
		again.Append(next)
		if r.Root() != g.root(t, int64(size)) {
			t.Fatalf("size %d: what was made from its peaks changed it", size)
		}
		r.Append(next)
		if want := g.root(t, int64(size)+1); again.Root() != want || r.Root() != want {
			t.Fatalf("size %d: got %v and %v, want %v", size+1, again.Root(), r.Root(), want)
		}
		if clone.Root() != g.root(t, int64(size)) {
			t.Fatalf("size %d: the clone grew with the original", size)
		}
	}
}

func TestRangeOfRefusesOtherPeaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size  int64
		peaks int
	}{{-1, 64}, {0, 1}, {1, 0}, {3, 1}, {4, 2}, {7, 4}} {
		if _, err := merkle.RangeOf(c.size, make([]merkle.Hash, c.peaks)); err == nil {
			t.Errorf("%d peaks passed for a tree of %d leaves", c.peaks, c.size)
		}
	}
}

// RFC 6962 §2.1: a leaf cannot pass for a node, nor the empty tree for either.
func TestHashesAreApart(t *testing.T) {
	t.Parallel()
	var left, right merkle.Hash
	left[0], right[0] = 1, 2
	node := merkle.NodeHash(left, right)
	if node != tlog.NodeHash(left, right) {
		t.Error("a node's hash is not that of package tlog")
	}
	if node == merkle.NodeHash(right, left) {
		t.Error("left and right are alike")
	}
	if node == merkle.LeafHash(slices.Concat(left[:], right[:])) {
		t.Error("a leaf of two hashes passes for their node")
	}
	if merkle.EmptyRoot() == merkle.LeafHash(nil) {
		t.Error("the empty tree passes for a tree of one empty leaf")
	}
}
