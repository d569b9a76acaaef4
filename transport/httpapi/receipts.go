package httpapi

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// receipt says when a recipient received and read a message.
type receipt struct {
	UserID      domain.ID     `json:"user_id"`
	DeliveredAt instant       `json:"delivered_at"`
	ReadAt      instantOrNull `json:"read_at"`
}

const receiptsSQL = `
	SELECT message_id, user_id, delivered_at, read_at
	FROM message_receipts
	WHERE message_id = ANY ($1::uuid[])
	ORDER BY message_id, user_id`

// receiptsOf reads who received and read messages.
func receiptsOf(ctx context.Context, tx *sql.Tx, ids []domain.ID) (map[domain.ID][]receipt, error) {
	rows, err := tx.QueryContext(ctx, receiptsSQL, pgarray.UUIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("read receipts of %d messages: %w", len(ids), err)
	}
	defer rows.Close()
	found := make(map[domain.ID][]receipt)
	for rows.Next() {
		var (
			id        domain.ID
			r         receipt
			delivered time.Time
			read      sql.NullTime
		)
		if err := rows.Scan(&id, &r.UserID, &delivered, &read); err != nil {
			return nil, fmt.Errorf("read receipts of %d messages: %w", len(ids), err)
		}
		r.DeliveredAt, r.ReadAt = instant(delivered), instantOrNull(read.Time)
		found[id] = append(found[id], r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read receipts of %d messages: %w", len(ids), err)
	}
	return found, nil
}

// listed makes an empty list of none, which JSON would show as null.
func listed(receipts []receipt) []receipt {
	if receipts == nil {
		return []receipt{}
	}
	return receipts
}
