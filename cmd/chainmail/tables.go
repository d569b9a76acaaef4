package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
	"chainmail/projections/batches"
	"chainmail/projections/state"
)

// messagesProjection has the tables of messages, users and conversations.
const messagesProjection = state.Name

// projected is how far one projection is whose tables the API reads.
type projected struct {
	runner     *projections.Runner
	projection string
}

func (p projected) Position() domain.Position {
	for _, status := range p.runner.Status() {
		if status.Projection == p.projection {
			return status.Position
		}
	}
	return 0
}

func (p projected) Wait(ctx context.Context, position domain.Position) error {
	return p.runner.Wait(ctx, p.projection, position)
}

// stateQueries are the questions to the state tables that the API should not know the answers to.
type stateQueries struct{}

func (stateQueries) SearchUsers(ctx context.Context, tx *sql.Tx, text string, limit int) ([]domain.ID, error) {
	return state.SearchUsers(ctx, tx, text, limit)
}

func (stateQueries) Unread(
	ctx context.Context, tx *sql.Tx, user domain.ID, conversations []domain.ID,
) (map[domain.ID]int, error) {
	return state.Unread(ctx, tx, user, conversations)
}

// sealedTree is the tree as the API needs it.
type sealedTree struct{ batches.Tree }

func (t sealedTree) Latest(ctx context.Context) (size int64, checkpoint string, err error) {
	b, _, err := t.Tree.Latest(ctx)
	return b.TreeSize, b.Checkpoint, err
}

// messageFinder finds messages of any age in the state tables.
type messageFinder struct {
	db   *sql.DB
	wait func(ctx context.Context, projection string, position domain.Position) error // as projections.Runner does
}

// findTimeout bounds how long a search waits for a projection that lags.
const findTimeout = 3 * time.Second

// await waits until the tables have a position, for a while. That they do not get there is told, and no error.
func (f *messageFinder) await(ctx context.Context, by domain.Position) (behind, err error) {
	if by == 0 {
		return nil, nil
	}
	waiting, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	err = f.wait(waiting, messagesProjection, by)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, projections.ErrStuck) {
		return err, nil
	}
	return nil, err
}

// Find looks among the messages up to a position, blocked ones included. When the tables do not get there, it
// answers with what they have, and where something is missing with [eventstore.ErrUnavailable] besides: it may be in the log.
func (f *messageFinder) Find(
	ctx context.Context, ids []domain.ID, by domain.Position,
) (map[domain.ID]domain.MessageRef, error) {
	behind, err := f.await(ctx, by)
	if err != nil {
		return nil, err
	}
	rows, err := f.db.QueryContext(ctx, `
		SELECT id, conversation_id, sender_id, position, was_blocked
		FROM messages
		WHERE id = ANY ($1::uuid[])`, pgarray.UUIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("%w: find %d messages: %w", eventstore.ErrUnavailable, len(ids), err)
	}
	defer rows.Close()
	found := make(map[domain.ID]domain.MessageRef, len(ids))
	for rows.Next() {
		var ref domain.MessageRef
		if err := rows.Scan(&ref.ID, &ref.ConversationID, &ref.SenderID, &ref.Position, &ref.Blocked); err != nil {
			return nil, fmt.Errorf("find messages: %w", err)
		}
		found[ref.ID] = ref
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%w: find messages: %w", eventstore.ErrUnavailable, err)
	}
	if behind != nil && len(found) < len(ids) {
		return found, fmt.Errorf("%w: find %d messages: %w", eventstore.ErrUnavailable, len(ids), behind)
	}
	return found, nil
}
