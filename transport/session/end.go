package session

import (
	"context"
	"fmt"

	"chainmail/domain"
)

// Its refresh tokens go with a session.
const endSQL = `
	DELETE FROM auth_sessions
	WHERE id = $1`

const endOfSQL = `
	DELETE FROM auth_sessions
	WHERE id = $1
		AND user_id = $2
		AND expires_at > statement_timestamp()`

// End ends a session. One that has ended stays so.
func (s *Store) End(ctx context.Context, session domain.ID) error {
	if _, err := s.DB.ExecContext(ctx, endSQL, session.String()); err != nil {
		return fmt.Errorf("end session %s: %w", session, err)
	}
	return nil
}

// EndOf ends a session if it is the user's. It reports whether it did: not so for another's, nor for
// one that has ended or expired.
func (s *Store) EndOf(ctx context.Context, user, session domain.ID) (bool, error) {
	result, err := s.DB.ExecContext(ctx, endOfSQL, session.String(), user.String())
	if err != nil {
		return false, fmt.Errorf("end session %s of %s: %w", session, user, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("end session %s of %s: %w", session, user, err)
	}
	return n == 1, nil
}
