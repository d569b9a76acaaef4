package merkle_test

import (
	"crypto/sha256"
	"slices"

	"chainmail/merkle"
)

// This file is a second verifier, taken step by step from RFC 9162, which says how to verify what RFC 6962
// only says how to prove. It shares nothing with the code under test.

// hashNode is HASH(0x01 || left || right).
func hashNode(left, right merkle.Hash) merkle.Hash {
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// includes verifies an inclusion proof (RFC 9162 §2.1.3.2).
func includes(path []merkle.Hash, index, size int64, leafHash, root merkle.Hash) bool {
	if index < 0 || index >= size {
		return false
	}
	fn, sn, r := index, size-1, leafHash
	for _, p := range path {
		if sn == 0 {
			return false
		}
		if fn&1 == 1 || fn == sn {
			r = hashNode(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = hashNode(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	return sn == 0 && r == root
}

// begins verifies a consistency proof (RFC 9162 §2.1.4.2).
func begins(path []merkle.Hash, first, second int64, firstHash, secondHash merkle.Hash) bool {
	if first < 1 || first > second {
		return false
	}
	if first == second {
		return len(path) == 0 && firstHash == secondHash
	}
	if first&(first-1) == 0 { // a power of two
		path = slices.Insert(slices.Clone(path), 0, firstHash)
	}
	if len(path) == 0 {
		return false
	}
	fn, sn := first-1, second-1
	for fn&1 == 1 {
		fn, sn = fn>>1, sn>>1
	}
	fr, sr := path[0], path[0]
	for _, c := range path[1:] {
		if sn == 0 {
			return false
		}
		if fn&1 == 1 || fn == sn {
			fr, sr = hashNode(c, fr), hashNode(c, sr)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			sr = hashNode(sr, c)
		}
		fn, sn = fn>>1, sn>>1
	}
	return sn == 0 && fr == firstHash && sr == secondHash
}
