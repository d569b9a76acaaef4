package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections"
)

// hot are the statements that most batches need. Planning them takes longer than running them for a
// few events.
var hot = []string{sendSQL, receiptsSQL, acksSQL}

// prepare returns Apply with the hot statements prepared on a pool, unless that is a pooler's.
func prepare(ctx context.Context, db *sql.DB) (projections.Prepared, error) {
	if eventstore.Pooled(db) {
		return projections.Prepared{Apply: Apply, Close: func() error { return nil }}, nil
	}
	prepared := make(statements, len(hot))
	for _, query := range hot {
		stmt, err := db.PrepareContext(ctx, query)
		if err != nil {
			return projections.Prepared{}, errors.Join(fmt.Errorf("prepare: %w", err), prepared.close())
		}
		prepared[query] = stmt
	}
	return projections.Prepared{
		Apply: func(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
			return apply(ctx, transaction{tx, prepared}, events)
		},
		Close: prepared.close,
	}, nil
}

// statements are prepared ones by their text.
type statements map[string]*sql.Stmt

func (s statements) close() error {
	var errs []error
	for _, stmt := range s {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// transaction runs a statement as it was prepared, if it was.
type transaction struct {
	*sql.Tx
	prepared statements
}

func (t transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := t.prepared[query]; stmt != nil {
		return t.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

func (t transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := t.prepared[query]; stmt != nil {
		return t.StmtContext(ctx, stmt).QueryRowContext(ctx, args...)
	}
	return t.Tx.QueryRowContext(ctx, query, args...)
}
