package eventstore

import (
	"context"
	"database/sql"
)

// Statement is a query of one pool. It is prepared once a connection, which also makes PostgreSQL send hashes in binary; behind
// a pooler, where the next transaction has another server connection, it is sent whole with each call.
type Statement struct {
	db    *sql.DB
	query string
	stmt  *sql.Stmt // nil behind a pooler
}

// Prepare makes a Statement. The caller closes it.
func Prepare(ctx context.Context, db *sql.DB, query string) (*Statement, error) {
	s := &Statement{db: db, query: query}
	if Pooled(db) {
		return s, nil
	}
	var err error
	s.stmt, err = db.PrepareContext(ctx, query)
	return s, err
}

// QueryContext is that of [sql.Stmt].
func (s *Statement) QueryContext(ctx context.Context, args ...any) (*sql.Rows, error) {
	if s.stmt == nil {
		return s.db.QueryContext(ctx, s.query, args...)
	}
	return s.stmt.QueryContext(ctx, args...)
}

// QueryRowContext is that of [sql.Stmt].
func (s *Statement) QueryRowContext(ctx context.Context, args ...any) *sql.Row {
	if s.stmt == nil {
		return s.db.QueryRowContext(ctx, s.query, args...)
	}
	return s.stmt.QueryRowContext(ctx, args...)
}

// Close frees it.
func (s *Statement) Close() error {
	if s.stmt == nil {
		return nil
	}
	return s.stmt.Close()
}
