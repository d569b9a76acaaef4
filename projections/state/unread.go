package state

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

//go:embed unread.sql
var unreadSQL string

// Unread counts, for those of the conversations that the user takes part in now, the others'
// messages since he joined that are neither read nor erased. It costs as much as there are messages
// that his clients have not acknowledged.
func Unread(
	ctx context.Context, tx *sql.Tx, user domain.ID, conversations []domain.ID,
) (map[domain.ID]int, error) {
	rows, err := tx.QueryContext(ctx, unreadSQL, user.String(), pgarray.UUIDs(conversations))
	if err != nil {
		return nil, fmt.Errorf("count unread messages of %s: %w", user, err)
	}
	defer rows.Close()
	counts := make(map[domain.ID]int, len(conversations))
	for rows.Next() {
		var id domain.ID
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, fmt.Errorf("count unread messages of %s: %w", user, err)
		}
		counts[id] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count unread messages of %s: %w", user, err)
	}
	return counts, nil
}
