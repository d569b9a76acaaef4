package push

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections/state"
)

// StateTables reads the state tables of the projection "messages". DB is a pool of connections
// with binary parameters, as eventstore.OpenDB makes it.
type StateTables struct{ DB *sql.DB }

// holdSQL comes before the first query, and with it before the transaction's snapshot: tables that are swapped in
// while it waits are then seen with all their rows, never with an older snapshot.
const holdSQL = `
	LOCK TABLE projection_offsets, conversations, conversation_participants, messages,
		message_receipts IN ACCESS SHARE MODE`

const readOffsetSQL = `
	SELECT position
	FROM projection_offsets
	WHERE projection = $1`

const readReceiptsSQL = `
	SELECT message_id, user_id, delivered_at, read_at
	FROM message_receipts
	WHERE message_id = ANY ($1::uuid[])`

// Undelivered implements Tables.
func (t StateTables) Undelivered(
	ctx context.Context, user domain.ID, after, upTo domain.Position, limit int,
) (messages []domain.Position, offset domain.Position, err error) {
	err = t.snapshot(ctx, &offset, func(tx *sql.Tx) error {
		messages, err = state.Undelivered(ctx, tx, user, after, upTo, limit)
		return err
	})
	return messages, offset, err
}

// Receipts implements Tables.
func (t StateTables) Receipts(
	ctx context.Context, messages []domain.ID,
) (receipts []Receipt, offset domain.Position, err error) {
	err = t.snapshot(ctx, &offset, func(tx *sql.Tx) error {
		if len(messages) == 0 {
			return nil
		}
		receipts, err = readReceipts(ctx, tx, messages)
		return err
	})
	return receipts, offset, err
}

// snapshot calls f in a transaction whose statements all see what the offset says.
func (t StateTables) snapshot(ctx context.Context, offset *domain.Position, f func(*sql.Tx) error) error {
	tx, err := t.DB.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin reading the state tables: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it wrote nothing
	if _, err := tx.ExecContext(ctx, holdSQL); err != nil {
		return fmt.Errorf("hold the state tables: %w", err)
	}
	err = tx.QueryRowContext(ctx, readOffsetSQL, state.Name).Scan(offset)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // no row: the projection has yet to begin
		return fmt.Errorf("read offset of %s: %w", state.Name, err)
	}
	return f(tx)
}

func readReceipts(ctx context.Context, tx *sql.Tx, messages []domain.ID) ([]Receipt, error) {
	rows, err := tx.QueryContext(ctx, readReceiptsSQL, pgarray.UUIDs(messages))
	if err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	defer rows.Close()
	var receipts []Receipt
	for rows.Next() {
		var r Receipt
		var read sql.NullTime
		if err := rows.Scan(&r.Message, &r.User, &r.Delivered, &read); err != nil {
			return nil, fmt.Errorf("read receipts: %w", err)
		}
		r.Read = read.Time
		receipts = append(receipts, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	return receipts, nil
}
