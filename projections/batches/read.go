package batches

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/eventstore/pgarray"
	"chainmail/merkle"
)

// span is a run of hashes of one tile level, from first up to end, all in one tile.
type span struct {
	level      int
	first, end int64
}

// tileBelow are the hashes over which the hash at a level and index is the root.
func tileBelow(level int, index int64) span {
	return span{level - 1, index << merkle.TileHeight, (index + 1) << merkle.TileHeight}
}

// spanOf are the hashes over which a hash of the tree is the root, by its index in tlog's order.
func spanOf(stored int64) span {
	level, index := tlog.SplitStoredHashIndex(stored)
	height := level % merkle.TileHeight
	return span{level / merkle.TileHeight, index << height, (index + 1) << height}
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// hashReader is the tree as tlog reads it: one query a proof.
func hashReader(ctx context.Context, q querier) tlog.HashReaderFunc {
	return func(stored []int64) ([]tlog.Hash, error) {
		spans := make([]span, len(stored))
		for i, s := range stored {
			spans[i] = spanOf(s)
		}
		runs, err := read(ctx, q, spans)
		if err != nil {
			return nil, err
		}
		hashes := make([]tlog.Hash, len(stored))
		for i, run := range runs {
			hashes[i] = subtreeRoot(run)
		}
		return hashes, nil
	}
}

// read returns the hashes of each span. Subtrees that are not stored yet are computed from what is
// below them, a few tiles at a time.
func read(ctx context.Context, q querier, spans []span) ([][]merkle.Hash, error) {
	runs, err := readStored(ctx, q, spans)
	if err != nil {
		return nil, err
	}
	var missing []span // the tile below each
	var owner []int    // whose run lacks it
	for i, s := range spans {
		for index := s.first + int64(len(runs[i])); index < s.end; index++ {
			if s.level == 0 {
				return nil, fmt.Errorf("the log has no event at position %d", index+1)
			}
			missing = append(missing, tileBelow(s.level, index))
			owner = append(owner, i)
		}
	}
	for part := range slices.Chunk(missing, chunk) {
		tiles, err := read(ctx, q, part)
		if err != nil {
			return nil, err
		}
		for i, tile := range tiles {
			runs[owner[i]] = append(runs[owner[i]], subtreeRoot(tile))
		}
		owner = owner[len(part):]
	}
	return runs, nil
}

//go:embed read.sql
var readSQL string

// readStored returns what is stored of each span, which is its beginning: hashes come to be in order.
func readStored(ctx context.Context, q querier, spans []span) ([][]merkle.Hash, error) {
	levels, firsts, ends := pgarray.NewInt4s(), pgarray.NewInt8s(), pgarray.NewInt8s()
	for _, s := range spans {
		levels.Int4(int32(s.level))
		firsts.Int8(s.first)
		ends.Int8(s.end)
	}
	rows, err := q.QueryContext(ctx, readSQL, levels.Bytes(), firsts.Bytes(), ends.Bytes())
	if err != nil {
		return nil, fmt.Errorf("read hashes of the tree: %w", err)
	}
	defer rows.Close()
	runs := make([][]merkle.Hash, len(spans))
	var joined sql.RawBytes
	for rows.Next() {
		var ordinal, last int64
		if err := rows.Scan(&ordinal, &joined, &last); err != nil {
			return nil, fmt.Errorf("read hashes of the tree: %w", err)
		}
		s := spans[ordinal-1]
		if int64(len(joined)) != (last+1-s.first)*tlog.HashSize {
			return nil, fmt.Errorf("the hashes of level %d have a hole between %d and %d: run replay, then rebuild %s",
				s.level, s.first, last, Name)
		}
		run := make([]merkle.Hash, 0, s.end-s.first)
		for hash := range slices.Chunk(joined, tlog.HashSize) {
			run = append(run, merkle.Hash(hash))
		}
		runs[ordinal-1] = run
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read hashes of the tree: %w", err)
	}
	return runs, nil
}
