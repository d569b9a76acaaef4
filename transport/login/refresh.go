package login

import (
	"context"
	"errors"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/session"
)

// Refresh takes a refresh token and gives another pair of its session. The error is a *Refused when the token is not good any more. A token that was
// minted by hand belongs to no session yet: its first use begins one.
func (s *Service) Refresh(ctx context.Context, token, userAgent string) (Tokens, error) {
	claims, id, err := s.read(ctx, token)
	if err != nil {
		return Tokens{}, err
	}
	if err := s.checkActive(ctx, claims.Subject); err != nil {
		return Tokens{}, err
	}
	of := claims.SessionID
	if of.IsZero() {
		of = id
		if err := s.Sessions.Adopt(ctx, claims.Subject, id, claims.ExpiresAt, userAgent); err != nil {
			return Tokens{}, err
		}
	}
	rotated, next, err := s.Sessions.Rotate(ctx, of, id)
	if errors.Is(err, session.ErrEnded) || errors.Is(err, session.ErrReused) {
		return Tokens{}, &Refused{err}
	}
	if err != nil {
		return Tokens{}, err
	}
	return s.tokens(rotated, next)
}

// Logout ends the session of a refresh token. One that has ended stays so.
func (s *Service) Logout(ctx context.Context, token string) error {
	claims, id, err := s.read(ctx, token)
	if err != nil {
		return err
	}
	of := claims.SessionID
	if of.IsZero() {
		of = id
		if err := s.Sessions.Adopt(ctx, claims.Subject, id, claims.ExpiresAt, ""); err != nil { // so that it cannot begin one later
			return err
		}
	}
	return s.Sessions.End(ctx, of)
}

// read verifies a refresh token and returns its id too.
func (s *Service) read(ctx context.Context, token string) (auth.Claims, domain.ID, error) {
	claims, err := s.Keys.Verify(ctx, token, auth.Refresh, s.Now())
	var bad *auth.Error
	if errors.As(err, &bad) {
		return auth.Claims{}, domain.ID{}, &Refused{bad.Kind}
	}
	if err != nil {
		return auth.Claims{}, domain.ID{}, err
	}
	id, err := domain.ParseID(claims.TokenID)
	if err != nil || id.IsZero() {
		return auth.Claims{}, domain.ID{}, &Refused{auth.ErrTokenInvalid}
	}
	return claims, id, nil
}
