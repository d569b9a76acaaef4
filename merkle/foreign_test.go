package merkle_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chainmail/merkle"
)

// inclusion and consistency are proofs as testdata/foreign has them.
type (
	inclusion struct {
		Index, Size int64
		Path        []merkle.Hash
	}
	consistency struct {
		From, To int64
		FromRoot merkle.Hash `json:"from_root"`
		ToRoot   merkle.Hash `json:"to_root"`
		Path     []merkle.Hash
	}
)

func readForeign(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "foreign", name))
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// checkForeign verifies what others proved of a tree with these roots, and compares our own proofs and roots.
func checkForeign(t *testing.T, g *tree, roots map[int64]merkle.Hash, in []inclusion, con []consistency) {
	t.Helper()
	if len(roots) == 0 || len(in) == 0 || len(con) == 0 {
		t.Fatal("no vectors")
	}
	var r merkle.Range
	for i, leaf := range g.leaves {
		r.Append(merkle.LeafHash(leaf))
		if want, known := roots[int64(i)+1]; known && r.Root() != want {
			t.Errorf("root of %d leaves: got %v, want %v", i+1, r.Root(), want)
		}
	}
	for _, p := range in {
		signed, verifier := sign(t, p.Size, roots[p.Size])
		c := merkle.Checkpoint{Origin: "example.com/log", Size: p.Size, Root: roots[p.Size]}
		proof := merkle.Proof{Index: p.Index, Leaf: g.leaves[p.Index], Path: p.Path, Checkpoint: signed}
		checkInclusion(t, "foreign", proof, c, verifier, true)
		if got := g.inclusion(t, p.Index, p.Size); fmt.Sprint(got) != fmt.Sprint(p.Path) {
			t.Errorf("leaf %d in %d: we prove it by %v, others by %v", p.Index, p.Size, got, p.Path)
		}
		for what, path := range damaged(p.Path, int(p.Size)) {
			checkInclusion(t, what, merkle.Proof{Index: p.Index, Leaf: proof.Leaf, Path: path, Checkpoint: signed}, c, verifier, false)
		}
	}
	for _, p := range con {
		if err := merkle.VerifyConsistency(p.Path, p.From, roots[p.From], p.To, roots[p.To]); err != nil {
			t.Error(err)
		}
		if got := g.consistency(t, p.From, p.To); fmt.Sprint(got) != fmt.Sprint(p.Path) {
			t.Errorf("%d to %d: we prove it by %v, others by %v", p.From, p.To, got, p.Path)
		}
		for what, path := range damaged(p.Path, int(p.To)) {
			if merkle.VerifyConsistency(path, p.From, roots[p.From], p.To, roots[p.To]) == nil {
				t.Errorf("%s, %d to %d: accepted", what, p.From, p.To)
			}
		}
	}
}

// The tree of eight leaves that implementations of Certificate Transparency have shared from the beginning.
func TestForeignEightLeaves(t *testing.T) {
	t.Parallel()
	var v struct {
		Leaves      [][]byte
		Roots       []merkle.Hash
		Inclusion   []inclusion
		Consistency []consistency
	}
	readForeign(t, "eight-leaves.json", &v)
	g := new(tree)
	for _, leaf := range v.Leaves {
		g.add(t, leaf)
	}
	roots := make(map[int64]merkle.Hash)
	for i, root := range v.Roots {
		roots[int64(i)+1] = root
	}
	checkForeign(t, g, roots, v.Inclusion, v.Consistency)
}

// Trees of up to 100,000 leaves, proved by transparency-dev/merkle.
func TestForeignTrees(t *testing.T) {
	t.Parallel()
	var v struct {
		Roots []struct {
			Size int64
			Root merkle.Hash
		}
		Inclusion   []inclusion
		Consistency []consistency
	}
	readForeign(t, "trees.json", &v)
	roots, most := make(map[int64]merkle.Hash), int64(0)
	for _, r := range v.Roots {
		roots[r.Size], most = r.Root, max(most, r.Size)
	}
	g := new(tree)
	for i := range most {
		g.add(t, fmt.Appendf(nil, "leaf %d", i))
	}
	checkForeign(t, g, roots, v.Inclusion, v.Consistency)
}

// A public log of 82 million certificates.
func TestForeignCertificateTransparency(t *testing.T) {
	t.Parallel()
	var v struct {
		Size        int64
		Root        merkle.Hash
		Index       int64
		Leaf        []byte
		Inclusion   []merkle.Hash
		OldSize     int64       `json:"old_size"`
		OldRoot     merkle.Hash `json:"old_root"`
		Consistency []merkle.Hash
	}
	readForeign(t, "argon2020.json", &v)
	signed, verifier := sign(t, v.Size, v.Root)
	c := merkle.Checkpoint{Origin: "example.com/log", Size: v.Size, Root: v.Root}
	p := merkle.Proof{Index: v.Index, Leaf: v.Leaf, Path: v.Inclusion, Checkpoint: signed}
	checkInclusion(t, "argon2020", p, c, verifier, true)
	if err := merkle.VerifyConsistency(v.Consistency, v.OldSize, v.OldRoot, v.Size, v.Root); err != nil {
		t.Error(err)
	}
	for what, path := range damaged(v.Consistency, 1) {
		if merkle.VerifyConsistency(path, v.OldSize, v.OldRoot, v.Size, v.Root) == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

// Checkpoints that other logs signed. Refused says which of our rules one of them breaks.
func TestForeignCheckpoints(t *testing.T) {
	t.Parallel()
	var v struct {
		Checkpoints []struct {
			From, Key, Note, Root, Refused string
			Size                           int64
		}
		Consistency []consistency
	}
	readForeign(t, "checkpoints.json", &v)
	if len(v.Checkpoints) == 0 || len(v.Consistency) == 0 {
		t.Fatal("no vectors")
	}
	for _, known := range v.Checkpoints {
		c, err := merkle.OpenCheckpoint(known.Note, openVerifier(t, known.Key))
		if known.Refused != "" {
			if err == nil || !strings.Contains(err.Error(), known.Refused) {
				t.Errorf("%s: got %v, want %q", known.From, err, known.Refused)
			}
			continue
		}
		if err != nil || c.Size != known.Size || c.Root.String() != known.Root {
			t.Errorf("%s: got %+v, %v", known.From, c, err)
		}
	}
	for _, p := range v.Consistency {
		if err := merkle.VerifyConsistency(p.Path, p.From, p.FromRoot, p.To, p.ToRoot); err != nil {
			t.Errorf("sigsum: %v", err)
		}
	}
}

// The texts of proofs that transparency-dev/formats wrote are read, verified, and written as they were.
func TestForeignProofs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/foreign/*.tlog-proof")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := merkle.ParseProof(string(text))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if p.Text() != string(text) {
			t.Errorf("%s: written as %q", file, p.Text())
		}
		if c, err := p.Verify(openVerifier(t, verifierKey)); err != nil || !strings.HasSuffix(file, fmt.Sprintf("%d-in-%d.tlog-proof", p.Index, c.Size)) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
