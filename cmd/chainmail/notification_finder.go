package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections"
	"chainmail/projections/notifications"
)

// notificationFinder finds notifications of any age in their table.
type notificationFinder struct {
	db     *sql.DB
	runner *projections.Runner
}

// Owner looks among the notifications up to a position. One that is in the table is there and his for ever; only for one
// that isn't, the projection is waited for. When it does not get there, there is none.
func (f *notificationFinder) Owner(
	ctx context.Context, notification domain.ID, by domain.Position,
) (domain.ID, error) {
	owner, err := f.look(ctx, notification)
	if err != nil || owner != (domain.ID{}) {
		return owner, err
	}
	if err := awaitTables(ctx, f.runner, notifications.Name, by); err != nil {
		return domain.ID{}, err
	}
	return f.look(ctx, notification)
}

func (f *notificationFinder) look(ctx context.Context, notification domain.ID) (owner domain.ID, err error) {
	const query = `SELECT user_id FROM notifications WHERE id = $1`
	err = f.db.QueryRowContext(ctx, query, notification.String()).Scan(&owner)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return domain.ID{}, fmt.Errorf("%w: find a notification: %w", eventstore.ErrUnavailable, err)
	}
	return owner, nil
}
