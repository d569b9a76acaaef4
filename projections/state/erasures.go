package state

import (
	"context"
	_ "embed"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

// erasures are the messages whose content is gone from a batch on.
type erasures struct{ rows []erasure }

type erasure struct {
	event   domain.Event
	message domain.ID
}

func (x *erasures) erase(e domain.Event, d *domain.ContentErased) {
	x.rows = append(x.rows, erasure{e, d.MessageID})
}

//go:embed erasures.sql
var eraseSQL string

func (x *erasures) write(ctx context.Context, tx transaction) error {
	if len(x.rows) == 0 {
		return nil
	}
	ids, times := pgarray.NewUUIDs(), pgarray.NewTimes()
	for _, row := range x.rows {
		ids.UUID(row.message)
		times.Time(row.event.RecordedAt)
	}
	var erased int64
	if err := tx.QueryRowContext(ctx, eraseSQL, ids.Bytes(), times.Bytes()).Scan(&erased); err != nil {
		return fmt.Errorf("erase messages: %w", err)
	}
	return projections.All("messages to erase", erased, len(x.rows))
}
