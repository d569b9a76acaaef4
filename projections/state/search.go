package state

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"unicode/utf8"

	"chainmail/domain"
)

// ErrShortQuery says that a search has less than three characters.
var ErrShortQuery = errors.New("a search needs three characters or more")

//go:embed search.sql
var searchSQL string

// SearchUsers finds the active users whose name contains the text, in either case: first those
// whose name begins with it, then by name. It needs three characters and returns ErrShortQuery for
// less.
func SearchUsers(ctx context.Context, tx *sql.Tx, text string, limit int) ([]domain.ID, error) {
	folded := fold(text)
	if utf8.RuneCountInString(folded) < 3 {
		return nil, ErrShortQuery
	}
	rows, err := tx.QueryContext(ctx, searchSQL, folded, limit)
	if err != nil {
		return nil, fmt.Errorf("search users: %w", err)
	}
	defer rows.Close()
	var ids []domain.ID
	for rows.Next() {
		var id domain.ID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("search users: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("search users: %w", err)
	}
	return ids, nil
}
