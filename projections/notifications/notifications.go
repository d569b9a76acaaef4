package notifications

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

// Name is that of the projection, in projection_offsets and on the command line.
const Name = "notifications"

// pause is so long that a busy log costs little, for a look at it costs as much as many events, and so short that a
// read that waits for the tables does not feel it.
const pause = 50 * time.Millisecond

// Projection returns the projection that keeps the table.
func Projection() projections.Projection {
	return projections.Projection{
		Name:    Name,
		Version: 1,
		Tables:  []string{"notifications"},
		Types:   []domain.Type{domain.TypeNotificationCreated, domain.TypeNotificationRead},
		Pause:   pause,
		Apply:   Apply,
	}
}

// Apply writes the notifications among consecutive events and what was read. Other events are passed over.
func Apply(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
	b := batch{index: make(map[domain.ID]int)}
	for _, e := range events {
		switch e.Type {
		case domain.TypeNotificationCreated, domain.TypeNotificationRead:
			if err := b.add(e); err != nil {
				return err
			}
		}
	}
	// First those that were there before, so that nothing is read before it is created.
	if err := b.update(ctx, tx); err != nil {
		return err
	}
	return b.insert(ctx, tx)
}

// batch is what a run of events does to the table.
type batch struct {
	created []created
	index   map[domain.ID]int // of created
	read    []read            // that were there before the batch
}

type created struct {
	event  domain.Event
	data   *domain.NotificationCreated
	readAt time.Time // zero while it is not read
}

type read struct {
	event domain.Event
	data  *domain.NotificationRead
}

func (b *batch) add(e domain.Event) error {
	data, err := domain.Decode(e)
	if err != nil {
		return err
	}
	switch d := data.(type) {
	case *domain.NotificationCreated:
		b.index[d.NotificationID] = len(b.created)
		b.created = append(b.created, created{event: e, data: d})
	case *domain.NotificationRead:
		b.readOne(e, d)
	}
	return nil
}

// readOne leaves what does not fit to the update, which does not find it.
func (b *batch) readOne(e domain.Event, d *domain.NotificationRead) {
	if i, ok := b.index[d.NotificationID]; ok {
		if c := &b.created[i]; c.data.UserID == d.UserID && c.readAt.IsZero() {
			c.readAt = e.RecordedAt
			return
		}
	}
	b.read = append(b.read, read{e, d})
}

const updateSQL = `
	UPDATE notifications AS n
	SET read_at = r.at, is_read = true
	FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS r (id, user_id, at)
	WHERE n.id = r.id AND n.user_id = r.user_id AND NOT n.is_read`

func (b *batch) update(ctx context.Context, tx *sql.Tx) error {
	if len(b.read) == 0 {
		return nil
	}
	ids, users, times := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewTimes()
	for _, r := range b.read {
		ids.UUID(r.data.NotificationID)
		users.UUID(r.data.UserID)
		times.Time(r.event.RecordedAt)
	}
	result, err := tx.ExecContext(ctx, updateSQL, ids.Bytes(), users.Bytes(), times.Bytes())
	if err != nil {
		return fmt.Errorf("update notifications: %w", err)
	}
	return projections.Affected("unread notifications", result, len(b.read))
}

const insertSQL = `
	INSERT INTO notifications (id, user_id, created_by, position, created_at, read_at, is_read,
		notification_type, title, message, link)
	SELECT n.id, n.user_id, n.created_by, n.position, n.created_at, n.read_at, n.read_at IS NOT NULL,
		n.notification_type, n.title, n.message, n.link
	FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[],
			$7::text[], $8::text[], $9::text[], $10::text[])
		AS n (id, user_id, created_by, position, created_at, read_at, notification_type, title, message, link)`

func (b *batch) insert(ctx context.Context, tx *sql.Tx) error {
	if len(b.created) == 0 {
		return nil
	}
	ids, users, creators := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewUUIDs()
	positions, times, readTimes := pgarray.NewInt8s(), pgarray.NewTimes(), pgarray.NewTimes()
	kinds, titles := pgarray.NewTexts(), pgarray.NewTexts()
	messages, links := pgarray.NewTexts(), pgarray.NewTexts()
	for _, c := range b.created {
		d := c.data
		ids.UUID(d.NotificationID)
		users.UUID(d.UserID)
		creators.UUID(d.CreatedBy)
		positions.Int8(int64(c.event.Position))
		times.Time(c.event.RecordedAt)
		if c.readAt.IsZero() {
			readTimes.Null()
		} else {
			readTimes.Time(c.readAt)
		}
		kinds.Text(d.NotificationType)
		titles.Text(d.Title)
		messages.Text(d.Message)
		if d.Link == "" {
			links.Null()
		} else {
			links.Text(d.Link)
		}
	}
	_, err := tx.ExecContext(ctx, insertSQL, ids.Bytes(), users.Bytes(), creators.Bytes(), positions.Bytes(),
		times.Bytes(), readTimes.Bytes(), kinds.Bytes(), titles.Bytes(), messages.Bytes(), links.Bytes())
	if err != nil {
		return fmt.Errorf("insert notifications: %w", err)
	}
	return nil
}
