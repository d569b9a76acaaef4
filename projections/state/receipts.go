package state

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

// receipts are those that a batch brings, folded to one a message and user.
type receipts struct {
	rows  []receipt
	index map[receiptKey]int
}

type receiptKey struct{ message, user domain.ID }

type receipt struct {
	receiptKey
	delivered time.Time
	read      time.Time // zero for not yet
}

func (r *receipts) deliver(e domain.Event, k receiptKey) { r.row(e, k) }

func (r *receipts) read(e domain.Event, k receiptKey) {
	if row := r.row(e, k); row.read.IsZero() {
		row.read = e.RecordedAt
	}
}

// row finds the receipt or makes it. A read without a delivered before it implies one.
func (r *receipts) row(e domain.Event, k receiptKey) *receipt {
	i, ok := r.index[k]
	if !ok {
		i = len(r.rows)
		r.index[k] = i
		r.rows = append(r.rows, receipt{receiptKey: k, delivered: e.RecordedAt})
	}
	return &r.rows[i]
}

// receiptsSQL finds a row again by its ctid: nobody else writes these tables.
//
//go:embed receipts.sql
var receiptsSQL string

func (r *receipts) write(ctx context.Context, tx transaction) error {
	if len(r.rows) == 0 {
		return nil
	}
	messages, users := pgarray.NewUUIDs(), pgarray.NewUUIDs()
	delivered, read := pgarray.NewTimes(), pgarray.NewTimes()
	for _, row := range r.rows {
		messages.UUID(row.message)
		users.UUID(row.user)
		delivered.Time(row.delivered)
		if row.read.IsZero() {
			read.Null()
			continue
		}
		read.Time(row.read)
	}
	var found int64
	err := tx.QueryRowContext(ctx, receiptsSQL,
		messages.Bytes(), users.Bytes(), delivered.Bytes(), read.Bytes()).Scan(&found)
	if err != nil {
		return fmt.Errorf("write receipts: %w", err)
	}
	return projections.All("messages with receipts", found, len(r.rows))
}
