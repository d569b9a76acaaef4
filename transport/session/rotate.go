package session

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"

	"chainmail/domain"
)

// useSessionSQL locks the session too: its tokens are looked at by one call at a time.
const useSessionSQL = `
	UPDATE auth_sessions
	SET
		last_used_at = clock_timestamp(),
		expires_at = clock_timestamp() + make_interval(secs => $2)
	WHERE id = $1
		AND expires_at > clock_timestamp()
	RETURNING id, user_id, auth, user_agent, created_at, last_used_at, expires_at`

//go:embed rotate.sql
var rotateSQL string

// Rotate takes a refresh token of the session, known by its id, and returns the id of another; the
// session goes on from now. The token may be used again for 10 seconds, in any server, and gives one
// more of its family each time. Later the session ends, and the error is ErrReused; also for an
// id that the family does not know. ErrEnded says that the session does not go on. With any other
// error it is not known whether the token was used: try again within those 10 seconds.
func (s *Store) Rotate(ctx context.Context, session, refresh domain.ID) (Session, domain.ID, error) {
	next, err := newRefreshID()
	if err != nil {
		return Session{}, domain.ID{}, fmt.Errorf("rotate a token of session %s: %w", session, err)
	}
	used, err := s.rotate(ctx, session, refresh, next)
	switch {
	case err == nil:
		return used, next, nil
	case errors.Is(err, ErrEnded), errors.Is(err, ErrReused):
		return Session{}, domain.ID{}, err
	}
	return Session{}, domain.ID{}, fmt.Errorf("rotate a token of session %s: %w", session, err)
}

func (s *Store) rotate(ctx context.Context, session, refresh, next domain.ID) (used Session, err error) {
	// Each statement sees what was committed before it, whatever the database's default is.
	tx, err := s.DB.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return Session{}, err
	}
	defer func() { _ = tx.Rollback() }() // no more than an error once it is committed
	err = used.scan(tx.QueryRowContext(ctx, useSessionSQL, session.String(), RefreshTTL.Seconds()))
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, ErrEnded
	}
	if err != nil {
		return Session{}, err
	}
	result, err := tx.ExecContext(ctx, rotateSQL, session.String(), refresh.String(), next.String(), reuse.Seconds(), maxFamily-1)
	if err != nil {
		return Session{}, err
	}
	made, err := result.RowsAffected()
	if err != nil {
		return Session{}, err
	}
	if made == 1 {
		return used, tx.Commit()
	}
	if _, err := tx.ExecContext(ctx, endSQL, session.String()); err != nil {
		return Session{}, err
	}
	if err := tx.Commit(); err != nil {
		return Session{}, err
	}
	return Session{}, ErrReused
}
