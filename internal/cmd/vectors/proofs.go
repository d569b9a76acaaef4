package main

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/merkle"
)

// inclusion shows that a leaf is in a tree. Hashes are in base64, as tlog has them.
type inclusion struct {
	Index    int64         `json:"index"`
	Size     int64         `json:"size"`
	LeafHash merkle.Hash   `json:"leaf_hash"`
	Path     []merkle.Hash `json:"path"`
	Root     merkle.Hash   `json:"root"`
}

// consistency shows that one tree begins another.
type consistency struct {
	From     int64         `json:"from"`
	To       int64         `json:"to"`
	FromRoot merkle.Hash   `json:"from_root"`
	ToRoot   merkle.Hash   `json:"to_root"`
	Path     []merkle.Hash `json:"path"`
}

// tree is a log in memory.
type tree struct {
	leaves []merkle.Hash // the hashes of the leaves
	roots  []merkle.Hash // by size, from 0
	stored []merkle.Hash // what tlog makes proofs from
}

// grow returns a tree of so many leaves.
func grow(size int) (*tree, error) {
	t := &tree{roots: []merkle.Hash{merkle.EmptyRoot()}}
	var edge merkle.Range
	for i := range size {
		leaf := merkle.LeafHash(fmt.Appendf(nil, "leaf %d", i))
		hashes, err := tlog.StoredHashesForRecordHash(int64(i), leaf, t)
		if err != nil {
			return nil, err
		}
		edge.Append(leaf)
		t.leaves, t.roots, t.stored = append(t.leaves, leaf), append(t.roots, edge.Root()), append(t.stored, hashes...)
	}
	return t, nil
}

// ReadHashes makes a tree a tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]merkle.Hash, error) {
	hashes := make([]merkle.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = t.stored[index]
	}
	return hashes, nil
}

func inclusions(t *tree) (found []inclusion, err error) {
	for size := int64(1); size <= largest; size++ {
		for index := range size {
			path, err := tlog.ProveRecord(size, index, t)
			if err != nil {
				return nil, err
			}
			p := inclusion{index, size, t.leaves[index], listed(path), t.roots[size]}
			if err := tlog.CheckRecord(path, size, p.Root, index, p.LeafHash); err != nil {
				return nil, err
			}
			found = append(found, p)
		}
	}
	return found, nil
}

func consistencies(t *tree) (found []consistency, err error) {
	for to := int64(1); to <= largest; to++ {
		for from := int64(1); from <= to; from++ {
			path, err := tlog.ProveTree(to, from, t)
			if err != nil {
				return nil, err
			}
			p := consistency{from, to, t.roots[from], t.roots[to], listed(path)}
			if err := merkle.VerifyConsistency(path, from, p.FromRoot, to, p.ToRoot); err != nil {
				return nil, err
			}
			found = append(found, p)
		}
	}
	return found, nil
}

// listed makes an empty list of none, which JSON would show as null.
func listed(path []merkle.Hash) []merkle.Hash {
	if path == nil {
		return []merkle.Hash{}
	}
	return path
}
