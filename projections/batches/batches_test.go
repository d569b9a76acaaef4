package batches_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/domain"
	"chainmail/merkle"
	"chainmail/projections/batches"
)

func newRandom(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// The rows are the subtrees of the tree that all seals together cover, however the log is cut into batches of
// seals, and these into calls.
func TestRowsDoNotDependOnCuts(t *testing.T) {
	t.Parallel()
	const size = 3000
	random := newRandom(t)
	var want string
	for level, index := 1, int64(0); index < size/256; index++ {
		want += fmt.Sprintf("(%d,%d,\"\\\\x%s\")\n", level, index, subtree(level, index))
	}
	for range 4 {
		db, f := fill(t, size)
		list := seals(t, f, size, random)
		events := list
		for len(events) > 0 {
			n := 1 + random.IntN(len(events))
			if err := apply(t, db, events[:n]...); err != nil {
				t.Fatal(err)
			}
			events = events[n:]
		}
		if got := table(t, db, allNodes); got != strings.TrimSpace(want) {
			t.Errorf("nodes:\n%s\nwant:\n%s", got, want)
		}
		if got := strings.Count(table(t, db, allBatches), "signed"); got != len(list) {
			t.Errorf("%d rows for %d seals", got, len(list))
		}
	}
}

// subtree is the root of a complete subtree in hex, computed leaf by leaf.
func subtree(level int, index int64) string {
	var r merkle.Range
	leaves := int64(1) << (8 * level)
	for leaf := index * leaves; leaf < (index+1)*leaves; leaf++ {
		r.Append(leafAt(leaf + 1))
	}
	root := r.Root()
	return hex.EncodeToString(root[:])
}

func TestSecondLevel(t *testing.T) {
	t.Parallel()
	const size = 65536 + 300
	db, f := fill(t, size)
	cuts := []int64{30_000, 65536 - 10, 65536, 65536 + 1, size}
	before := int64(0)
	for _, cut := range cuts {
		if err := apply(t, db, sealAt(t, domain.Position(cut+1), before, cut, f.root(t, cut))); err != nil {
			t.Fatal(err)
		}
		before = cut
	}
	want := fmt.Sprintf("(2,0,\"\\\\x%s\")", subtree(2, 0))
	if got := table(t, db, `SELECT * FROM merkle_nodes WHERE level > 1 ORDER BY level, index`); got != want {
		t.Errorf("nodes:\n%s\nwant:\n%s", got, want)
	}
	if got := table(t, db, `SELECT count(*), min(index), max(index) FROM merkle_nodes WHERE level = 1`); got != "(257,0,256)" {
		t.Errorf("level 1 has %s", got)
	}
	checkProofs(t, batches.Tree{DB: db}, f, size, [][2]int64{
		{0, size}, {65535, 65536}, {65536, size}, {65536, 65537}, {size - 1, size}, {30_000, 65_500},
	})
	if b, _, err := (batches.Tree{DB: db}).Latest(t.Context()); err != nil || b.TreeSize != size {
		t.Errorf("Latest: %+v, %v", b, err)
	}
	// Without them, all is computed from the leaves.
	exec(t, db, `TRUNCATE merkle_nodes`)
	checkProofs(t, batches.Tree{DB: db}, f, size, [][2]int64{{0, size}, {65535, 65536}, {size - 1, size}})
}

func TestRow(t *testing.T) {
	t.Parallel()
	db, f := fill(t, 10)
	root := f.root(t, 7)
	if err := apply(t, db, sealAt(t, 9, 0, 7, root)); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("(7,1,7,9,true,%x,true)", root[:])
	const query = `
		SELECT tree_size, first_position, last_position, position, sealed_at = '2026-01-01 00:00:09+00', root_hash,
			checkpoint LIKE 'example.org/log%signed_'
		FROM merkle_batches`
	if got := strings.ReplaceAll(table(t, db, query), ",t", ",true"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	b, found, err := batches.Tree{DB: db}.Latest(t.Context())
	if err != nil || !found || b.TreeSize != 7 || b.Position != 9 || b.Root != root || b.SealedAt.Second() != 9 ||
		!strings.Contains(b.Checkpoint, "signed") {
		t.Errorf("Latest: %+v, %v, %v", b, found, err)
	}
}

// Apply may be given events of all types: it knows its own.
func TestOtherEvents(t *testing.T) {
	t.Parallel()
	db, f := fill(t, 300)
	other := event(t, 1, &domain.UserBlocked{UserID: domain.ID{1}, BlockedID: domain.ID{2}})
	unknown := other
	unknown.Type, unknown.Position = "BananaPeeled", 2
	if err := apply(t, db, other, unknown); err != nil {
		t.Fatal(err)
	}
	if got := table(t, db, allBatches) + table(t, db, allNodes); got != "" {
		t.Errorf("rows: %s", got)
	}
	if err := apply(t, db, other, sealAt(t, 300, 0, 290, f.root(t, 290)), unknown); err != nil {
		t.Fatal(err)
	}
	if got := table(t, db, `SELECT count(*) FROM merkle_nodes`); got != "(1)" {
		t.Errorf("%s nodes", got)
	}
}

// A seal that does not fit leaves no rows.
func TestSealsThatDoNotFit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		seal func(*domain.MerkleBatchSealed)
		at   domain.Position
		want string
	}{
		"overlaps":               {func(d *domain.MerkleBatchSealed) { d.FirstPosition = 10 }, 30, "begins at 10 and the seals before it end at 10"},
		"leaves a gap":           {func(d *domain.MerkleBatchSealed) { d.FirstPosition = 12 }, 30, "begins at 12"},
		"another size":           {func(d *domain.MerkleBatchSealed) { d.TreeSize = 21 }, 30, ""},
		"covers itself":          {func(*domain.MerkleBatchSealed) {}, 20, "covers up to 20 and stands at 20"},
		"covers what comes":      {func(*domain.MerkleBatchSealed) {}, 15, "stands at 15"},
		"covers what is nowhere": {func(d *domain.MerkleBatchSealed) { d.LastPosition, d.TreeSize = 1000, 1000 }, 2000, "no event at position 301"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, f := fill(t, 300)
			if err := apply(t, db, sealAt(t, 12, 0, 10, f.root(t, 10))); err != nil {
				t.Fatal(err)
			}
			before := table(t, db, allBatches) + table(t, db, allNodes)
			good := sealAt(t, test.at, 10, 20, f.root(t, 20))
			data, err := domain.Decode(good)
			if err != nil {
				t.Fatal(err)
			}
			bad := data.(*domain.MerkleBatchSealed)
			test.seal(bad)
			err = apply(t, db, good.WithData(bad))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if after := table(t, db, allBatches) + table(t, db, allNodes); after != before {
				t.Errorf("rows: %s", after)
			}
		})
	}
}

// A seal that is applied twice is an error, not other rows.
func TestTwice(t *testing.T) {
	t.Parallel()
	db, f := fill(t, 300)
	seal := sealAt(t, 300, 0, 299, f.root(t, 299))
	if err := apply(t, db, seal); err != nil {
		t.Fatal(err)
	}
	if err := apply(t, db, seal); err == nil {
		t.Error("the same seal again: no error")
	}
}

// A seal over more than fits in memory is read in parts.
func TestLargeBatch(t *testing.T) {
	t.Parallel()
	const size = 40_000
	db, f := fill(t, size)
	if err := apply(t, db, sealAt(t, size+1, 0, size, f.root(t, size))); err != nil {
		t.Fatal(err)
	}
	if got, want := table(t, db, `SELECT count(*), max(index) FROM merkle_nodes`), "(156,155)"; got != want {
		t.Errorf("nodes %s, want %s", got, want)
	}
	checkProofs(t, batches.Tree{DB: db}, f, size, [][2]int64{{0, size}, {12345, 39999}})
}

// checkProofs compares inclusion, consistency and range for pairs of index and size with the truth.
func checkProofs(t testing.TB, tree batches.Tree, f *forest, head int64, pairs [][2]int64) {
	t.Helper()
	for _, pair := range pairs {
		index, size := pair[0], pair[1]
		root := f.root(t, size)
		path, err := tree.Inclusion(t.Context(), index, size)
		if err != nil {
			t.Fatalf("inclusion of %d in %d: %v", index, size, err)
		}
		if err := tlog.CheckRecord(path, size, root, index, leafAt(index+1)); err != nil {
			t.Errorf("inclusion of %d in %d: %v", index, size, err)
		}
		from := index + 1
		path, err = tree.Consistency(t.Context(), from, size)
		if err != nil {
			t.Fatalf("consistency of %d and %d: %v", from, size, err)
		}
		if err := merkle.VerifyConsistency(path, from, f.root(t, from), size, root); err != nil {
			t.Errorf("consistency of %d and %d: %v", from, size, err)
		}
		got, err := tree.Range(t.Context(), size)
		if err != nil || got.Size() != size || got.Root() != root {
			t.Fatalf("range of %d: root %s, %v, want %s", size, got.Root(), err, root)
		}
		if size < head { // it grows on to the same tree
			got.Append(leafAt(size + 1))
			if got.Root() != f.root(t, size+1) {
				t.Errorf("range of %d, grown: another root", size)
			}
		}
	}
}
