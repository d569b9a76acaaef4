package merkle_test

import (
	"testing"

	"chainmail/merkle"
)

// Proofs in trees of any size below a few thousand leaves, by two verifiers, whole and damaged.
func FuzzProof(f *testing.F) {
	g := grow(f, 5000)
	f.Add(uint16(1), uint16(0), uint16(0), uint16(0))
	f.Add(uint16(101), uint16(100), uint16(64), uint16(3))
	f.Add(uint16(4096), uint16(4095), uint16(2048), uint16(700))
	f.Add(uint16(4999), uint16(4096), uint16(4097), uint16(2999))
	f.Fuzz(func(t *testing.T, a, b, from, bit uint16) {
		size := int64(a)%int64(len(g.leaves)) + 1
		index, old := int64(b)%size, int64(from)%size+1
		root := g.root(t, size)
		signed, verifier := sign(t, size, root)
		c := merkle.Checkpoint{Origin: "example.com/log", Size: size, Root: root}
		p := merkle.Proof{Index: index, Leaf: g.leaves[index], Path: g.inclusion(t, index, size), Checkpoint: signed}
		checkInclusion(t, "good", p, c, verifier, true)
		consistency, oldRoot := g.consistency(t, old, size), g.root(t, old)
		if err := merkle.VerifyConsistency(consistency, old, oldRoot, size, root); err != nil || !begins(consistency, old, size, oldRoot, root) {
			t.Fatalf("consistency of %d and %d: %v", old, size, err)
		}
		if n := len(p.Path); n > 0 {
			p.Path = flip(p.Path, int(bit/256)%n, int(bit%256))
			checkInclusion(t, "damaged", p, c, verifier, false)
		}
		if n := len(consistency); n > 0 {
			path := flip(consistency, int(bit/256)%n, int(bit%256))
			if merkle.VerifyConsistency(path, old, oldRoot, size, root) == nil || begins(path, old, size, oldRoot, root) {
				t.Fatalf("damaged consistency of %d and %d is accepted", old, size)
			}
		}
	})
}

// Any text is read or refused; what is read is written as it was.
func FuzzParseProof(f *testing.F) {
	g := grow(f, 9)
	signed, verifier := sign(f, 9, g.root(f, 9))
	for index := range int64(9) {
		f.Add(merkle.Proof{Index: index, Leaf: g.leaves[index], Path: g.inclusion(f, index, 9), Checkpoint: signed}.Text())
	}
	f.Add("c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\n\n")
	f.Add("c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\r\n\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := merkle.ParseProof(text)
		if err != nil {
			return
		}
		if p.Text() != text {
			t.Fatalf("got %q, want %q", p.Text(), text)
		}
		c, err := p.Verify(verifier)
		if err == nil && !includes(p.Path, p.Index, c.Size, merkle.LeafHash(p.Leaf), c.Root) {
			t.Fatalf("RFC 9162 refuses %q", text)
		}
	})
}

// Any note is opened or refused, and nothing that the log did not sign is opened.
func FuzzOpenCheckpoint(f *testing.F) {
	root := grow(f, 9).root(f, 9)
	signed, verifier := sign(f, 9, root)
	f.Add(signed)
	f.Add("example.com/log\n9\n\n— example.com/log AAAAAAA=\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := merkle.OpenCheckpoint(text, verifier)
		if err != nil {
			return
		}
		if want := (merkle.Checkpoint{Origin: "example.com/log", Size: 9, Root: root}); c != want {
			t.Fatalf("nobody signed %q", text)
		}
	})
}
