package state

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/domain"
)

const forgetSQL = `
	UPDATE messages AS m
	SET content = NULL, salt = NULL
	FROM events AS e
	WHERE e.position > $1 AND e.type = $2 AND m.id = (e.payload->>'message_id')::uuid AND m.content IS NOT NULL`

// forget takes the words from messages that were erased after a position.
func forget(ctx context.Context, tx *sql.Tx, after domain.Position) error {
	if _, err := tx.ExecContext(ctx, forgetSQL, int64(after), string(domain.TypeContentErased)); err != nil {
		return fmt.Errorf("forget erased words: %w", err)
	}
	return nil
}
