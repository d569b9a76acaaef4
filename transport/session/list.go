package session

import (
	"context"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

const listSQL = `
	SELECT id, user_id, auth, user_agent, created_at, last_used_at, expires_at
	FROM auth_sessions
	WHERE user_id = $1
		AND expires_at > statement_timestamp()
	ORDER BY last_used_at DESC, id DESC`

const endedSQL = `
	SELECT asked.id
	FROM unnest($1::uuid[]) AS asked (id)
	WHERE NOT EXISTS (
		SELECT
		FROM auth_sessions AS s
		WHERE s.id = asked.id
			AND s.expires_at > statement_timestamp()
	)`

// List returns the user's sessions, the one used last first. There are about 100 at most.
func (s *Store) List(ctx context.Context, user domain.ID) ([]Session, error) {
	rows, err := s.DB.QueryContext(ctx, listSQL, user.String())
	if err != nil {
		return nil, fmt.Errorf("list the sessions of %s: %w", user, err)
	}
	defer rows.Close()
	var found []Session
	for rows.Next() {
		var one Session
		if err := one.scan(rows); err != nil {
			return nil, fmt.Errorf("list the sessions of %s: %w", user, err)
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the sessions of %s: %w", user, err)
	}
	return found, nil
}

// Ended returns those of the given sessions that have ended, have expired or never were. It is one
// query for any number.
func (s *Store) Ended(ctx context.Context, sessions []domain.ID) ([]domain.ID, error) {
	if len(sessions) == 0 {
		return nil, nil
	}
	rows, err := s.DB.QueryContext(ctx, endedSQL, pgarray.UUIDs(sessions))
	if err != nil {
		return nil, fmt.Errorf("ask which sessions have ended: %w", err)
	}
	defer rows.Close()
	var ended []domain.ID
	for rows.Next() {
		var id domain.ID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("ask which sessions have ended: %w", err)
		}
		ended = append(ended, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ask which sessions have ended: %w", err)
	}
	return ended, nil
}
