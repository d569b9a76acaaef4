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

// unreadDepth is how many messages of a conversation are looked at, at most, behind those that are
// acknowledged without a hole: some 2 ms of them.
const unreadDepth = 1000

// Unread counts, for those of the conversations that the user takes part in now, the others'
// messages since he joined that are neither read nor erased. Of the messages that his clients have
// not acknowledged the newest 1,000 count, so that a backlog costs no more however long it grows.
func Unread(
	ctx context.Context, tx *sql.Tx, user domain.ID, conversations []domain.ID,
) (map[domain.ID]int, error) {
	rows, err := tx.QueryContext(ctx, unreadSQL, user.String(), pgarray.UUIDs(conversations), unreadDepth)
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
