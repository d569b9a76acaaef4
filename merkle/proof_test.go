package merkle_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chainmail/internal/racetest"
	"chainmail/merkle"
)

// The keys of the tests. They vouch for nothing else.
const (
	signerKey   = "PRIVATE+KEY+example.com/log+d455c521+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
	verifierKey = "example.com/log+d455c521+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
)

// all is the size up to which every proof is tried.
const all = 100

// sign returns the signed checkpoint of a tree, and who verifies it.
func sign(t testing.TB, size int64, root merkle.Hash) (checkpoint string, verifier note.Verifier) {
	t.Helper()
	signer, err := note.NewSigner(signerKey)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err = merkle.Checkpoint{Origin: "example.com/log", Size: size, Root: root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	return checkpoint, &memory{Verifier: openVerifier(t, verifierKey)}
}

// memory is a verifier that looks at a signature once, so that thousands of proofs can rest on one.
type memory struct {
	note.Verifier
	text, signature string // of the last one
	verdict         bool
}

func (m *memory) Verify(text, signature []byte) bool {
	if m.text != string(text) || m.signature != string(signature) {
		m.text, m.signature, m.verdict = string(text), string(signature), m.Verifier.Verify(text, signature)
	}
	return m.verdict
}

func openVerifier(t testing.TB, key string) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// checkInclusion holds our verdict, and that of the second verifier, against the one that is due.
func checkInclusion(t testing.TB, what string, p merkle.Proof, c merkle.Checkpoint, v note.Verifier, want bool) {
	t.Helper()
	got, err := p.Verify(v)
	if (err == nil) != want || err == nil && got != c {
		t.Fatalf("%s, leaf %d in %d: got %+v, %v", what, p.Index, c.Size, got, err)
	}
	if second := includes(p.Path, p.Index, c.Size, merkle.LeafHash(p.Leaf), c.Root); second != want {
		t.Fatalf("%s, leaf %d in %d: RFC 9162 says %t", what, p.Index, c.Size, second)
	}
}

// Every inclusion proof for every tree size verifies, and none that is damaged.
func TestEveryInclusionProof(t *testing.T) {
	t.Parallel()
	racetest.InFull(t)
	g := grow(t, all)
	for size := int64(1); size <= all; size++ {
		c := merkle.Checkpoint{Origin: "example.com/log", Size: size, Root: g.root(t, size)}
		signed, verifier := sign(t, size, c.Root)
		for index := range size {
			p := merkle.Proof{Index: index, Leaf: g.leaves[index], Path: g.inclusion(t, index, size), Checkpoint: signed}
			checkInclusion(t, "good", p, c, verifier, true)
			for what, path := range damaged(p.Path, int(size+index)) {
				checkInclusion(t, what, merkle.Proof{Index: index, Leaf: p.Leaf, Path: path, Checkpoint: signed}, c, verifier, false)
			}
			for _, other := range []int64{-1, index - 1, index + 1, index ^ 2, size, index + size} {
				if other == index {
					continue
				}
				checkInclusion(t, "other index", merkle.Proof{Index: other, Leaf: p.Leaf, Path: p.Path, Checkpoint: signed}, c, verifier, false)
			}
			leaf := slices.Clone(p.Leaf)
			leaf[int(size)%len(leaf)] ^= 1 << (index % 8)
			checkInclusion(t, "other leaf", merkle.Proof{Index: index, Leaf: leaf, Path: p.Path, Checkpoint: signed}, c, verifier, false)
		}
	}
}

// Every consistency proof for every pair of sizes verifies, and none that is damaged.
func TestEveryConsistencyProof(t *testing.T) {
	t.Parallel()
	racetest.InFull(t)
	g := grow(t, all)
	roots := make([]merkle.Hash, all+1)
	for size := range roots {
		roots[size] = g.root(t, int64(size))
	}
	check := func(what string, path []merkle.Hash, from, to int64, fromRoot, toRoot merkle.Hash, want bool) {
		t.Helper()
		if err := merkle.VerifyConsistency(path, from, fromRoot, to, toRoot); (err == nil) != want {
			t.Fatalf("%s, %d to %d: %v", what, from, to, err)
		}
		if second := begins(path, from, to, fromRoot, toRoot); second != want {
			t.Fatalf("%s, %d to %d: RFC 9162 says %t", what, from, to, second)
		}
	}
	for to := int64(1); to <= all; to++ {
		for from := int64(1); from <= to; from++ {
			path := g.consistency(t, from, to)
			check("good", path, from, to, roots[from], roots[to], true)
			for what, path := range damaged(path, int(from+to)) {
				check(what, path, from, to, roots[from], roots[to], false)
			}
			check("other old root", path, from, to, roots[from-1], roots[to], false)
			check("other new root", path, from, to, roots[from], roots[to-1], false)
			if from != to {
				check("backwards", path, to, from, roots[to], roots[from], false)
				check("other old size", path, from-1, to, roots[from], roots[to], false)
			}
		}
	}
}

// Every single bit of a path counts.
func TestEveryBitOfAPath(t *testing.T) {
	t.Parallel()
	const size, index, from = 13, 9, 6
	g := grow(t, size)
	root := g.root(t, size)
	signed, verifier := sign(t, size, root)
	inclusion, consistency := g.inclusion(t, index, size), g.consistency(t, from, size)
	for i := range inclusion {
		for bit := range 256 {
			path := flip(inclusion, i, bit)
			p := merkle.Proof{Index: index, Leaf: g.leaves[index], Path: path, Checkpoint: signed}
			checkInclusion(t, "bit", p, merkle.Checkpoint{Size: size, Root: root}, verifier, false)
		}
	}
	for i := range consistency {
		for bit := range 256 {
			path := flip(consistency, i, bit)
			if merkle.VerifyConsistency(path, from, g.root(t, from), size, root) == nil || begins(path, from, size, g.root(t, from), root) {
				t.Errorf("hash %d, bit %d: accepted", i, bit)
			}
		}
	}
}

// damaged returns what a path can be turned into, by kind of damage. Which bits are hit moves with seed.
func damaged(path []merkle.Hash, seed int) map[string][]merkle.Hash {
	more := merkle.LeafHash([]byte("more"))
	kinds := map[string][]merkle.Hash{
		"one more behind": append(slices.Clone(path), more),
		"one more before": slices.Insert(slices.Clone(path), 0, more),
	}
	for i := range path {
		kinds["bit of hash "+string(rune('A'+i))] = flip(path, i, (seed*31+i*7)%256)
		kinds["without hash "+string(rune('A'+i))] = slices.Delete(slices.Clone(path), i, i+1)
	}
	if len(path) > 1 {
		swapped := slices.Clone(path)
		swapped[0], swapped[1] = swapped[1], swapped[0]
		kinds["two exchanged"] = swapped
		reversed := slices.Clone(path)
		slices.Reverse(reversed)
		kinds["reversed"] = reversed
		kinds["first again"] = append(slices.Clone(path), path[0])
	}
	return kinds
}

// flip returns the path with one bit of one hash changed.
func flip(path []merkle.Hash, i, bit int) []merkle.Hash {
	path = slices.Clone(path)
	path[i][bit/8] ^= 1 << (bit % 8)
	return path
}

// A proof is its text and the text is the proof.
func TestProofText(t *testing.T) {
	t.Parallel()
	g := grow(t, 20)
	for size := int64(1); size <= 20; size++ {
		signed, verifier := sign(t, size, g.root(t, size))
		for index := range size {
			want := merkle.Proof{Index: index, Leaf: g.leaves[index], Path: g.inclusion(t, index, size), Checkpoint: signed}
			got, err := merkle.ParseProof(want.Text())
			if err != nil {
				t.Fatal(err)
			}
			if got.Text() != want.Text() {
				t.Fatalf("got\n%s\nwant\n%s", got.Text(), want.Text())
			}
			if _, err := got.Verify(verifier); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Each leaf and each signature is bound to its place: a bit anywhere in a proof's text makes it another proof, which is refused.
func TestEveryBitOfAText(t *testing.T) {
	t.Parallel()
	const size, index = 7, 4
	g := grow(t, size)
	signed, verifier := sign(t, size, g.root(t, size))
	text := merkle.Proof{Index: index, Leaf: g.leaves[index], Path: g.inclusion(t, index, size), Checkpoint: signed}.Text()
	for i := range len(text) {
		for bit := range 8 {
			damaged := []byte(text)
			damaged[i] ^= 1 << bit
			p, err := merkle.ParseProof(string(damaged))
			if err != nil {
				continue
			}
			if _, err := p.Verify(verifier); err == nil {
				t.Errorf("byte %d, bit %d: accepted:\n%s", i, bit, damaged)
			}
		}
	}
	for end := range len(text) {
		p, err := merkle.ParseProof(text[:end])
		if err != nil {
			continue
		}
		if _, err := p.Verify(verifier); err == nil {
			t.Errorf("the first %d bytes are accepted", end)
		}
	}
}

// Nobody but the log's keys can vouch, and no keys at all vouch for nothing.
func TestVerifyNeedsAKey(t *testing.T) {
	t.Parallel()
	g := grow(t, 3)
	signed, _ := sign(t, 3, g.root(t, 3))
	p := merkle.Proof{Index: 1, Leaf: g.leaves[1], Path: g.inclusion(t, 1, 3), Checkpoint: signed}
	if _, err := p.Verify(); err == nil {
		t.Error("verified without a key")
	}
	other := strings.Replace(signed, "example.com/log\n", "example.com/fog\n", 1)
	p.Checkpoint = other
	if _, err := p.Verify(openVerifier(t, verifierKey)); err == nil {
		t.Error("verified under another origin")
	}
}

// Sizes at which package tlog would not come to an end are refused before.
func TestHugeTreesEnd(t *testing.T) {
	t.Parallel()
	const huge = 1<<62 + 1
	var root merkle.Hash
	if err := merkle.VerifyConsistency([]merkle.Hash{root}, 5, root, huge, root); err == nil {
		t.Error("a consistency proof was accepted")
	}
	signed, verifier := sign(t, huge, root)
	p := merkle.Proof{Index: 5, Leaf: []byte("leaf"), Path: []merkle.Hash{root}, Checkpoint: signed}
	if _, err := p.Verify(verifier); err == nil {
		t.Error("an inclusion proof was accepted")
	}
	largest, verifier := sign(t, huge-1, root)
	p.Checkpoint = largest
	if _, err := p.Verify(verifier); err == nil {
		t.Error("an inclusion proof was accepted")
	}
}
