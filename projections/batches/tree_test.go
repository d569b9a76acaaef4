package batches_test

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/domain"
	"chainmail/merkle"
	"chainmail/projections/batches"
)

// Every answer is right, whether the projection has applied all seals, some, or none.
func TestProofs(t *testing.T) {
	t.Parallel()
	const size = 2600
	tests := map[string]int64{"empty": 0, "just begun": 100, "lags": 1500, "up to date": size}
	for name, sealed := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := newRandom(t)
			db, f := fill(t, size)
			if sealed > 0 {
				if err := apply(t, db, sealAt(t, domain.Position(sealed+1), 0, sealed, f.root(t, sealed))); err != nil {
					t.Fatal(err)
				}
			}
			pairs := [][2]int64{{0, 1}, {255, 256}, {256, 257}, {0, size}, {size - 1, size}, {511, 512}, {512, 2560}}
			for range 150 {
				n := 1 + random.Int64N(size)
				pairs = append(pairs, [2]int64{random.Int64N(n), n})
			}
			checkProofs(t, batches.Tree{DB: db}, f, size, pairs)
		})
	}
}

// All proofs of all small trees.
func TestSmallTrees(t *testing.T) {
	t.Parallel()
	const size = 40
	db, f := fill(t, size)
	var pairs [][2]int64
	for n := int64(1); n <= size; n++ {
		for index := range n {
			pairs = append(pairs, [2]int64{index, n})
		}
	}
	checkProofs(t, batches.Tree{DB: db}, f, size, pairs)
}

func TestTiles(t *testing.T) {
	t.Parallel()
	const size = 70_000
	db, f := fill(t, size)
	for _, sealed := range []int64{0, size} { // computed, and stored
		if sealed > 0 {
			if err := apply(t, db, sealAt(t, domain.Position(sealed+1), 0, sealed, f.root(t, sealed))); err != nil {
				t.Fatal(err)
			}
		}
		for _, tile := range []tlog.Tile{
			{L: 0, N: 0, W: 256}, {L: 0, N: 0, W: 1}, {L: 0, N: 272, W: 256}, {L: 0, N: 273, W: 70_000 - 273*256},
			{L: 1, N: 0, W: 256}, {L: 1, N: 1, W: 17}, {L: 1, N: 1, W: 3}, {L: 2, N: 0, W: 1},
		} {
			tile.H = merkle.TileHeight
			want, err := tlog.ReadTileData(tile, f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := batches.Tree{DB: db}.Tile(t.Context(), tile)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("tile %s: %d bytes, %v, want other %d", tile.Path(), len(got), err, len(want))
			}
		}
	}
}

func TestQuestionsWithoutAnswer(t *testing.T) {
	t.Parallel()
	db, _ := fill(t, 10)
	tree := batches.Tree{DB: db}
	ctx := t.Context()
	tests := map[string]func() error{
		"range beyond the log":      func() error { _, err := tree.Range(ctx, 11); return err },
		"range of less than none":   func() error { _, err := tree.Range(ctx, -1); return err },
		"tile beyond the log":       func() error { _, err := tree.Tile(ctx, tlog.Tile{H: 8, W: 11}); return err },
		"tile of level 1 not there": func() error { _, err := tree.Tile(ctx, tlog.Tile{H: 8, L: 1, W: 1}); return err },
		"tile of another height":    func() error { _, err := tree.Tile(ctx, tlog.Tile{H: 4, W: 1}); return err },
		"tile of data":              func() error { _, err := tree.Tile(ctx, tlog.Tile{H: 8, L: -1, W: 1}); return err },
		"leaf beyond the tree":      func() error { _, err := tree.Inclusion(ctx, 5, 5); return err },
		"tree beyond the log":       func() error { _, err := tree.Inclusion(ctx, 5, 11); return err },
		"no leaf":                   func() error { _, err := tree.Inclusion(ctx, -1, 5); return err },
		"consistency with nothing":  func() error { _, err := tree.Consistency(ctx, 0, 5); return err },
		"consistency backwards":     func() error { _, err := tree.Consistency(ctx, 6, 5); return err },
		"consistency beyond":        func() error { _, err := tree.Consistency(ctx, 6, 12); return err },
	}
	for name, ask := range tests {
		if ask() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if r, err := tree.Range(ctx, 0); err != nil || r.Root() != merkle.EmptyRoot() {
		t.Errorf("the empty tree: %v", err)
	}
	if _, found, err := tree.Latest(ctx); found || err != nil {
		t.Errorf("Latest of none: %v, %v", found, err)
	}
}

// Hashes that are lost are an error, not a wrong answer.
func TestDamagedNodes(t *testing.T) {
	t.Parallel()
	const size = 2000
	db, f := fill(t, size)
	if err := apply(t, db, sealAt(t, size+1, 0, size, f.root(t, size))); err != nil {
		t.Fatal(err)
	}
	tree := batches.Tree{DB: db}
	for _, damage := range []string{
		`DELETE FROM merkle_nodes WHERE index = 2`,
		`UPDATE merkle_nodes SET hash = '\x00' WHERE index = 2`,
	} {
		exec(t, db, damage)
		if _, err := tree.Range(t.Context(), size); err == nil {
			t.Errorf("after %s: no error", damage)
		}
		exec(t, db, `TRUNCATE merkle_nodes`)
		if _, err := tree.Range(t.Context(), size); err != nil {
			t.Error(err)
		}
		exec(t, db, `INSERT INTO merkle_nodes SELECT 1, i, sha256('') FROM generate_series(0, 6) AS i`)
	}
}
