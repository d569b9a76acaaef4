package scale_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"chainmail/internal/scale"
	"chainmail/merkle"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tree is a log in memory.
type tree struct {
	leaves [][]byte
	stored []tlog.Hash
}

func (tr *tree) add(t *testing.T, leaf string) {
	t.Helper()
	hashes, err := tlog.StoredHashes(int64(len(tr.leaves)), []byte(leaf), tr)
	if err != nil {
		t.Fatal(err)
	}
	tr.leaves, tr.stored = append(tr.leaves, []byte(leaf)), append(tr.stored, hashes...)
}

func (tr *tree) ReadHashes(indexes []int64) (hashes []tlog.Hash, err error) {
	for _, i := range indexes {
		hashes = append(hashes, tr.stored[i])
	}
	return hashes, nil
}

func (tr *tree) checkpoint(t *testing.T, origin string) merkle.Checkpoint {
	t.Helper()
	root, err := tlog.TreeHash(int64(len(tr.leaves)), tr)
	if err != nil {
		t.Fatal(err)
	}
	return merkle.Checkpoint{Origin: origin, Size: int64(len(tr.leaves)), Root: root}
}

func (tr *tree) prove(t *testing.T, index int64) []merkle.Hash {
	t.Helper()
	path, err := tlog.ProveRecord(int64(len(tr.leaves)), index, tr)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// twoLevels returns a proof of event 5 of 13 in partition 2 of 3, and the root log's key.
func twoLevels(t *testing.T) (scale.TwoLevel, note.Verifier) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "chat.example/root")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	var root tree
	var partitions [3]tree
	for n := range partitions {
		for i := range 13 {
			partitions[n].add(t, fmt.Sprintf("event %d of %d", i, n))
		}
		root.add(t, partitions[n].checkpoint(t, fmt.Sprintf("chat.example/%d", n)).Text())
	}
	signed, err := root.checkpoint(t, "chat.example/root").Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	return scale.TwoLevel{
		Partition: "chat.example/2", Index: 5, Leaf: partitions[2].leaves[5], Path: partitions[2].prove(t, 5),
		Root: merkle.Proof{Index: 2, Leaf: root.leaves[2], Path: root.prove(t, 2), Checkpoint: signed},
	}, verifier
}

func TestTwoLevels(t *testing.T) {
	t.Parallel()
	p, verifier := twoLevels(t)
	if c, err := p.Verify(verifier); err != nil || c.Size != 3 {
		t.Fatalf("got size %d, %v, want 3", c.Size, err)
	}
	for name, forge := range map[string]func(*scale.TwoLevel){
		"another event":     func(p *scale.TwoLevel) { p.Leaf = []byte("event 6 of 2") },
		"another index":     func(p *scale.TwoLevel) { p.Index = 6 },
		"another partition": func(p *scale.TwoLevel) { p.Partition = "chat.example/1" },
		"another root":      func(p *scale.TwoLevel) { p.Root.Leaf = []byte(strings.Replace(string(p.Root.Leaf), "13", "14", 1)) },
		"another's seal":    func(p *scale.TwoLevel) { p.Root.Index = 1 },
	} {
		p, verifier := twoLevels(t)
		forge(&p)
		if _, err := p.Verify(verifier); err == nil {
			t.Errorf("%s: the proof verifies", name)
		}
	}
}

// In a complete tree every path is as long as the tree is high, and a tree of so many leaves more than half shares no
// complete subtree with the rest but one a level.
func TestProofSizesOfCompleteTrees(t *testing.T) {
	t.Parallel()
	got, err := scale.ProofSizes(1<<30, 1<<4, 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	if got.Inclusion != 30 || got.TwoInclusion != 26+20 || got.Leaves != 1<<26 || got.RootLeaves != 1<<20 {
		t.Errorf("got %+v, want 30 hashes and 26 + 20 through two trees", got)
	}
	if got.Consistency != 30+1 || got.TwoConsistency != 21+2*20+27 {
		t.Errorf("got %+v, want 31 and 21 + 2 * 20 + 27 of consistency", got)
	}
}
