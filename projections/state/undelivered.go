package state

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"chainmail/domain"
)

//go:embed undelivered.sql
var undeliveredSQL string

// Undelivered lists messages to a user for which there is no receipt of his: their positions in
// ascending order, from after (exclusive) to upTo (inclusive), at most limit. Messages of
// conversations that he has left and erased ones are among them. It sees the log as far as the
// projection has applied it.
//
// It looks at each conversation of the user once and then only at messages after what he has
// acknowledged without a hole, however long the history. A page walks again over those between
// there and after: ask for many at once.
func Undelivered(
	ctx context.Context, tx *sql.Tx, user domain.ID, after, upTo domain.Position, limit int,
) ([]domain.Position, error) {
	rows, err := tx.QueryContext(ctx, undeliveredSQL, user.String(), int64(after), int64(upTo), limit)
	if err != nil {
		return nil, fmt.Errorf("find undelivered messages of %s: %w", user, err)
	}
	defer rows.Close()
	var positions []domain.Position
	for rows.Next() {
		var p int64
		if err := rows.Scan(&p); err != nil {
			return nil, fmt.Errorf("find undelivered messages of %s: %w", user, err)
		}
		positions = append(positions, domain.Position(p))
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find undelivered messages of %s: %w", user, err)
	}
	return positions, nil
}
