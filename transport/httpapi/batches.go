package httpapi

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
)

// batch is a run of the log that one seal has put under a root.
type batch struct {
	FirstPosition domain.Position `json:"first_position" minimum:"1" doc:"the first event that no earlier seal covers"`
	LastPosition  domain.Position `json:"last_position" minimum:"1" doc:"the last event of the batch"`
	TreeSize      int64           `json:"tree_size" minimum:"1" doc:"how many events the root is over, from position 1"`
	Root          string          `json:"root" doc:"the tree's root in base64, as in checkpoints" example:"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="`
	Position      domain.Position `json:"position" minimum:"1" doc:"the event that is the seal"`
	SealedAt      instant         `json:"sealed_at" doc:"when the seal was stored"`
}

// batchList is the name of the list in cursors.
const batchList = "batches"

// publishBatches has the list of seals.
func (a *api) publishBatches() {
	registerPublic(a, huma.Operation{
		OperationID: "list-batches", Method: http.MethodGet, Path: "/api/log/batches", Tags: []string{"transparency log"},
		Summary:     "The log's seals, the newest first",
		Description: "Each puts the events since the one before under the root of one more tree. The latest checkpoint is the first one's.",
		Errors:      []int{http.StatusUnprocessableEntity},
	}, a.batches)
}

func (a *api) batches(ctx context.Context, in *Paging) (*cacheable[list[batch]], error) {
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	before, err := readPosition(batchList, in.Cursor, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	found, err := a.batchesBefore(ctx, before, limit+1)
	if err != nil {
		return nil, err
	}
	page := list[batch]{Items: found}
	if len(found) > limit {
		page.Items = found[:limit]
		page.NextCursor = makeCursor(batchList, strconv.FormatInt(found[limit-1].TreeSize, 10))
	}
	return &cacheable[list[batch]]{"application/json", briefly, page}, nil
}

const batchesSQL = `
	SELECT first_position, last_position, tree_size, root_hash, position, sealed_at
	FROM merkle_batches
	WHERE tree_size < $1
	ORDER BY tree_size DESC
	LIMIT $2`

// batchesBefore reads seals of trees that are smaller than a size, the largest first.
func (a *api) batchesBefore(ctx context.Context, size int64, limit int) ([]batch, error) {
	rows, err := a.Log.DB().QueryContext(ctx, batchesSQL, size, limit)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	defer rows.Close()
	found := []batch{}
	for rows.Next() {
		var b batch
		var root string
		var sealed time.Time
		if err := rows.Scan(&b.FirstPosition, &b.LastPosition, &b.TreeSize, &root, &b.Position, &sealed); err != nil {
			return nil, fmt.Errorf("list batches: %w", err)
		}
		raw, err := hex.DecodeString(root)
		if err != nil {
			return nil, fmt.Errorf("the root of the tree of %d: %w", b.TreeSize, err)
		}
		b.Root, b.SealedAt = base64.StdEncoding.EncodeToString(raw), instant(sealed)
		found = append(found, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	return found, nil
}
