package session

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"chainmail/domain"
)

//go:embed adopt.sql
var adoptSQL string

// Adopt begins a session of the user for a refresh token that was minted by hand and belongs to none, known by its id,
// which is the session's id too. The token has to be taken by [Store.Rotate] next, as any other of the session. A token begins one session:
// adopted again it does nothing. expires is when the token does.
func (s *Store) Adopt(ctx context.Context, user, token domain.ID, expires time.Time, userAgent string) error {
	_, err := s.DB.ExecContext(ctx, adoptSQL, token.String(), user.String(), string(domain.AuthToken), readable(userAgent),
		expires, RefreshTTL.Seconds(), maxExpired)
	if err != nil {
		return fmt.Errorf("adopt token %s of %s: %w", token, user, err)
	}
	return nil
}
