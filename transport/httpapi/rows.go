package httpapi

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/domain"
)

// rowsOf runs a query and lets scan make something of each row. Where there are none, the list is empty, not nil.
func rowsOf[T any](
	ctx context.Context, tx *sql.Tx, scan func(*sql.Rows) (T, error), query string, arguments ...any,
) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, item)
	}
	return found, rows.Err()
}

// oneOf answers with the row of a thing of a kind, such as a task; not_found where there is none.
func oneOf[T any](
	ctx context.Context, a *api, c *call, kind string, scan func(*sql.Rows) (T, error), query string, args ...any,
) (*answer[T], error) {
	var found []T
	err := a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) (err error) {
		if found, err = rowsOf(ctx, tx, scan, query, args...); err != nil {
			return fmt.Errorf("read %s %v: %w", kind, args[0], err)
		}
		if len(found) == 0 {
			return notFound(&domain.Refusal{Code: domain.NotFound, Field: "id", Message: "there is no such " + kind})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ok(found[0]), nil
}
