package eventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
)

// Holder returns the position of the first event of the command that took a key; 0 if the key is free.
func (l *Log) Holder(ctx context.Context, key domain.Key) (domain.Position, error) {
	var at domain.Position
	err := l.db.QueryRowContext(ctx, `
		SELECT position
		FROM event_keys
		WHERE key = $1`, domain.ID(key).String()).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("%w: look up key: %w", ErrUnavailable, err)
	}
	return at, nil
}

// Fresh asks the database for the head, which is at least that of every event anybody was told of.
func (l *Log) Fresh(ctx context.Context) (domain.Position, error) {
	head, err := l.readHead(ctx)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	l.signal.advance(head)
	return head, nil
}
