package httpapi_test

import (
	"context"
	"database/sql"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections/batches"
	"chainmail/projections/notifications"
	"chainmail/projections/state"
)

// projected is the runner as the API needs it.
type projected struct {
	w    *world
	name string
}

func (p projected) Position() domain.Position {
	for _, status := range p.w.runner.Status() {
		if status.Projection == p.name {
			return status.Position
		}
	}
	return 0
}

func (p projected) Wait(ctx context.Context, position domain.Position) error {
	return p.w.runner.Wait(ctx, p.name, position)
}

// tables are the functions of package state.
type tables struct{}

func (tables) SearchUsers(ctx context.Context, tx *sql.Tx, text string, limit int) ([]domain.ID, error) {
	return state.SearchUsers(ctx, tx, text, limit)
}

func (tables) Unread(
	ctx context.Context, tx *sql.Tx, user domain.ID, conversations []domain.ID,
) (map[domain.ID]int, error) {
	return state.Unread(ctx, tx, user, conversations)
}

// tree is the tree of package batches.
type tree struct{ batches.Tree }

func (t tree) Latest(ctx context.Context) (size int64, checkpoint string, err error) {
	b, _, err := t.Tree.Latest(ctx)
	return b.TreeSize, b.Checkpoint, err
}

// finder finds messages and notifications in the state tables.
type finder struct{ w *world }

func (f finder) Find(
	ctx context.Context, ids []domain.ID, by domain.Position,
) (map[domain.ID]domain.MessageRef, error) {
	if err := f.w.runner.Wait(ctx, state.Name, by); err != nil {
		return nil, err
	}
	const query = `
		SELECT id, conversation_id, sender_id, position, was_blocked
		FROM messages
		WHERE id = ANY ($1::uuid[])`
	rows, err := f.w.log.DB().QueryContext(ctx, query, pgarray.UUIDs(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[domain.ID]domain.MessageRef)
	for rows.Next() {
		var ref domain.MessageRef
		if err := rows.Scan(&ref.ID, &ref.ConversationID, &ref.SenderID, &ref.Position, &ref.Blocked); err != nil {
			return nil, err
		}
		found[ref.ID] = ref
	}
	return found, rows.Err()
}

func (f finder) Has(ctx context.Context, user, id domain.ID, by domain.Position) (has bool, err error) {
	if err := f.w.runner.Wait(ctx, notifications.Name, by); err != nil {
		return false, err
	}
	const query = `SELECT EXISTS (SELECT FROM notifications WHERE id = $1 AND user_id = $2)`
	err = f.w.log.DB().QueryRowContext(ctx, query, id.String(), user.String()).Scan(&has)
	return has, err
}
