package audit

import (
	"cmp"
	"slices"
	"time"

	"chainmail/domain"
)

// batchRow is a row of merkle_batches.
type batchRow struct {
	position domain.Position
	sealed   time.Time
	data     *domain.MerkleBatchSealed
}

func (t *Tables) batchTable() Table {
	table := Table{Name: "merkle_batches", Columns: []string{
		"tree_size", "first_position", "last_position", "position", "sealed_at", "root_hash", "checkpoint",
	}}
	sorted := slices.SortedStableFunc(slices.Values(t.batches), func(a, b batchRow) int {
		return cmp.Compare(a.data.TreeSize, b.data.TreeSize)
	})
	for _, b := range sorted {
		table.Rows = append(table.Rows, []any{
			b.data.TreeSize, int64(b.data.FirstPosition), int64(b.data.LastPosition), int64(b.position), b.sealed,
			b.data.RootHash, b.data.Checkpoint,
		})
	}
	return table
}
