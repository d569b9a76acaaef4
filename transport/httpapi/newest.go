package httpapi

import (
	"context"
	"database/sql"
	"math"
	"strconv"
)

// newest answers with a page of a list in descending order of position. read returns up to limit items before a position.
func newest[T interface{ at() int64 }](
	ctx context.Context, a *api, c *call, name string, in *Paging,
	read func(ctx context.Context, tx *sql.Tx, before int64, limit int) ([]T, error),
) (*answer[list[T]], error) {
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	before, err := readPosition(name, in.Cursor, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	var page list[T]
	err = a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) error {
		page.Items, err = read(ctx, tx, before, limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.NextCursor = makeCursor(name, strconv.FormatInt(page.Items[limit-1].at(), 10))
	}
	return ok(page), nil
}
