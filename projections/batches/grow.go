package batches

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/eventstore/pgarray"
	"chainmail/merkle"
)

// chunk is how many tiles are read at once: half a megabyte of hashes.
const chunk = 64

const insertNodesSQL = `
	INSERT INTO merkle_nodes (level, index, hash)
	SELECT $1::smallint, x.index, x.hash
	FROM unnest($2::bigint[], $3::bytea[]) AS x (index, hash)`

// grow stores the complete subtrees that end within the leaves from before to size.
func grow(ctx context.Context, tx *sql.Tx, before, size int64) error {
	for level := 1; ; level++ {
		first, end := countAt(before, level), countAt(size, level)
		if first == end {
			return nil // and none above
		}
		for ; first < end; first += chunk {
			if err := growLevel(ctx, tx, level, first, min(first+chunk, end)); err != nil {
				return err
			}
		}
	}
}

// growLevel stores the subtrees from first, up to end, of a level whose lower levels are stored.
func growLevel(ctx context.Context, tx *sql.Tx, level int, first, end int64) error {
	var below []span
	for index := first; index < end; index++ {
		below = append(below, tileBelow(level, index))
	}
	tiles, err := read(ctx, tx, below)
	if err != nil {
		return err
	}
	indexes, hashes := pgarray.NewInt8s(), pgarray.NewByteas()
	for i, tile := range tiles {
		indexes.Int8(first + int64(i))
		root := subtreeRoot(tile)
		hashes.Raw(root[:])
	}
	if _, err := tx.ExecContext(ctx, insertNodesSQL, level, indexes.Bytes(), hashes.Bytes()); err != nil {
		return fmt.Errorf("insert nodes %d to %d of level %d: %w", first, end-1, level, err)
	}
	return nil
}

// countAt is how many complete subtrees of a tile level a tree has.
func countAt(size int64, level int) int64 { return size >> (merkle.TileHeight * level) }

// subtreeRoot is the root over a power of two of hashes, which it overwrites.
func subtreeRoot(hashes []merkle.Hash) merkle.Hash {
	for n := len(hashes) / 2; n > 0; n /= 2 {
		for i := range n {
			hashes[i] = merkle.NodeHash(hashes[2*i], hashes[2*i+1])
		}
	}
	return hashes[0]
}
