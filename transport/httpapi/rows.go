package httpapi

import (
	"context"
	"database/sql"
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
