package main

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections/notifications"
)

// notificationFinder finds notifications of any age: in their table, and in the log from where the table ends. So it
// waits for no projection, and one that stands still keeps nobody from what he was told.
type notificationFinder struct{ log *eventstore.Log }

// findPage is how many events of a user's stream are read at once.
const findPage = 500

// Has implements command.Notifications.
func (f notificationFinder) Has(
	ctx context.Context, user, notification domain.ID, by domain.Position,
) (bool, error) {
	const query = `
		SELECT n.user_id = $2, coalesce(o.position, 0)
		FROM (VALUES (1)) AS one
		LEFT JOIN notifications AS n ON n.id = $1
		LEFT JOIN projection_offsets AS o ON o.projection = $3`
	var (
		his    sql.NullBool
		offset domain.Position
	)
	row := f.log.DB().QueryRowContext(ctx, query, notification.String(), user.String(), notifications.Name)
	if err := row.Scan(&his, &offset); err != nil {
		return false, fmt.Errorf("%w: find a notification: %w", eventstore.ErrUnavailable, err)
	}
	if his.Valid {
		return his.Bool, nil
	}
	stream := []domain.StreamID{domain.NotificationStream(user)}
	for offset < by {
		events, through, err := f.log.ReadStreams(ctx, stream, offset, by, findPage)
		if err != nil {
			return false, fmt.Errorf("find a notification: %w", err)
		}
		for _, e := range events {
			data, err := domain.Decode(e)
			if err != nil {
				continue // it is not the one that was pushed
			}
			if n, ok := data.(*domain.NotificationCreated); ok && n.NotificationID == notification {
				return true, nil
			}
		}
		offset = through
	}
	return false, nil
}
