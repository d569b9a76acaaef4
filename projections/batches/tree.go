package batches

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/domain"
	"chainmail/merkle"
)

// Tree answers questions about the log's Merkle tree. Sizes and indexes are those of any tree that the log has
// had; they need not be sealed. DB is a pool with binary parameters, as eventstore.OpenDB makes it. All methods
// may be called concurrently.
type Tree struct{ DB *sql.DB }

// Batch is a seal: the tree's first TreeSize leaves have this root.
type Batch struct {
	TreeSize   int64
	Position   domain.Position // of the seal itself
	Root       merkle.Hash
	SealedAt   time.Time
	Checkpoint string // the signed note
}

const latestSQL = `
	SELECT tree_size, position, root_hash, sealed_at, checkpoint
	FROM merkle_batches
	ORDER BY tree_size DESC
	LIMIT 1`

// Latest returns the newest seal that the projection has met; false while there is none.
func (t Tree) Latest(ctx context.Context) (Batch, bool, error) {
	var b Batch
	var root string
	err := t.DB.QueryRowContext(ctx, latestSQL).Scan(&b.TreeSize, &b.Position, &root, &b.SealedAt, &b.Checkpoint)
	if errors.Is(err, sql.ErrNoRows) {
		return Batch{}, false, nil
	}
	if err != nil {
		return Batch{}, false, fmt.Errorf("read the latest seal: %w", err)
	}
	raw, err := hex.DecodeString(root)
	if err != nil || len(raw) != tlog.HashSize {
		return Batch{}, false, fmt.Errorf("the root hash of the tree of %d leaves is %q: run rebuild %s", b.TreeSize, root, Name)
	}
	b.Root, b.SealedAt = merkle.Hash(raw), b.SealedAt.UTC()
	return b, true, nil
}

// Range returns the tree of the first size leaves, from which it can grow.
func (t Tree) Range(ctx context.Context, size int64) (merkle.Range, error) {
	if size < 0 {
		return merkle.Range{}, fmt.Errorf("a tree has no size %d", size)
	}
	var stored []int64
	for level, first := 62, int64(0); level >= 0; level-- {
		if size&(1<<level) != 0 {
			stored = append(stored, tlog.StoredHashIndex(level, first>>level))
			first += 1 << level
		}
	}
	if len(stored) == 0 {
		return merkle.Range{}, nil
	}
	peaks, err := hashReader(ctx, t.DB).ReadHashes(stored)
	if err != nil {
		return merkle.Range{}, err
	}
	return merkle.RangeOf(size, peaks)
}

// Recompute is Range from the events' leaf hashes alone, whatever is stored of the tree. Its cost grows with size.
func (t Tree) Recompute(ctx context.Context, size int64) (merkle.Range, error) {
	var tree merkle.Range
	for tree.Size() < size {
		var tiles []span
		for first := tree.Size(); first < size && len(tiles) < chunk; first += merkle.TileWidth {
			tiles = append(tiles, span{0, first, min(first+merkle.TileWidth, size)})
		}
		runs, err := read(ctx, t.DB, tiles)
		if err != nil {
			return merkle.Range{}, err
		}
		for _, run := range runs {
			for _, hash := range run {
				tree.Append(hash)
			}
		}
	}
	return tree, nil
}

// Tile returns the hashes of a tile of height merkle.TileHeight, one after the other (C2SP tlog-tiles).
func (t Tree) Tile(ctx context.Context, tile tlog.Tile) ([]byte, error) {
	if tile.H != merkle.TileHeight || tile.L < 0 {
		return nil, fmt.Errorf("%s is not a tile of hashes of height %d", tile.Path(), merkle.TileHeight)
	}
	first := tile.N * merkle.TileWidth
	runs, err := read(ctx, t.DB, []span{{tile.L, first, first + int64(tile.W)}})
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, tile.W*tlog.HashSize)
	for _, hash := range runs[0] {
		data = append(data, hash[:]...)
	}
	return data, nil
}

// Inclusion proves that the leaf at an index is in the tree of the first size leaves (RFC 6962 §2.1.1).
// merkle.Proof.Verify accepts it.
func (t Tree) Inclusion(ctx context.Context, index, size int64) ([]merkle.Hash, error) {
	path, err := tlog.ProveRecord(size, index, hashReader(ctx, t.DB))
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d in a tree of %d: %w", index, size, err)
	}
	return path, nil
}

// Consistency proves that the tree of from leaves, 1 or more, begins that of to (RFC 6962 §2.1.2).
// merkle.VerifyConsistency accepts it.
func (t Tree) Consistency(ctx context.Context, from, to int64) ([]merkle.Hash, error) {
	path, err := tlog.ProveTree(to, from, hashReader(ctx, t.DB))
	if err != nil {
		return nil, fmt.Errorf("prove a tree of %d to begin one of %d: %w", from, to, err)
	}
	return path, nil
}
