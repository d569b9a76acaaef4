package ws

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/auth"
)

// freshWithin bounds how long a newcomer waits for the view to know him.
const freshWithin = 5 * time.Second

// goodbye is why a connection is closed.
type goodbye struct {
	code   int
	reason string
}

var (
	noSuchUser   = &goodbye{codePolicy, "user not found or inactive"}
	sessionEnded = &goodbye{codePolicy, "session ended"}
	tooMany      = &goodbye{codePolicy, "too many connections"}
	tokenExpired = &goodbye{codePolicy, auth.ErrTokenExpired.Error()}
	restarting   = &goodbye{codeRestart, restartReason}
	databaseAway = &goodbye{codeRestart, "the database is away: try again"}
)

// admit checks whose connection it is, and counts it among his.
func (c *conn) admit(token string, err error) *goodbye {
	s := c.server
	if s.isStopping() {
		return restarting
	}
	claims, bye := c.verify(token, err)
	if bye != nil {
		return bye
	}
	if bye := s.checkUser(claims.Subject); bye != nil {
		return bye
	}
	if bye := s.checkSession(claims.SessionID); bye != nil {
		return bye
	}
	c.user = claims.Subject
	c.trust(claims)
	s.interest().Arrive(c.user)
	if !s.hub.add(c, s.config.Presence.Elsewhere(c.user)) {
		s.interest().Leave(c.user)
		return tooMany
	}
	return nil
}

// verify returns what a good token says.
func (c *conn) verify(token string, err error) (auth.Claims, *goodbye) {
	s := c.server
	var claims auth.Claims
	if err == nil {
		claims, err = s.config.Keys.Verify(s.ctx, token, auth.Access, s.now())
	}
	if err == nil {
		return claims, nil
	}
	var refused *auth.Error
	if errors.As(err, &refused) && !errors.Is(err, auth.ErrKeysUnavailable) {
		c.logger().Debug("a token was refused", slog.Any("error", refused))
		return claims, &goodbye{codePolicy, refused.Kind.Error()}
	}
	c.logger().Warn("a token cannot be checked", slog.Any("error", err))
	return claims, &goodbye{codeRestart, auth.ErrKeysUnavailable.Error()}
}

// checkUser makes sure that the user is active. One who isn't may be so new that the view does
// not know him, so it is brought up to the log's head first.
func (s *Server) checkUser(user domain.ID) *goodbye {
	if s.active(user) {
		return nil
	}
	if err := s.catchUpView(); err != nil {
		return databaseAway
	}
	if !s.active(user) {
		return noSuchUser
	}
	return nil
}

func (s *Server) active(user domain.ID) (active bool) {
	s.config.View.Read(func(state *domain.State) { active = state.Active(user) })
	return active
}

// catchUpView returns when the view includes all that anybody can have been told of. The error
// wraps eventstore.ErrUnavailable.
func (s *Server) catchUpView() error {
	ctx, cancel := context.WithTimeout(s.ctx, freshWithin)
	defer cancel()
	head, err := s.config.Log.Fresh(ctx)
	if err == nil {
		err = s.config.View.Wait(ctx, head)
	}
	if err != nil {
		return errors.Join(eventstore.ErrUnavailable, err)
	}
	return nil
}

func (s *Server) checkSession(session domain.ID) *goodbye {
	if s.config.Sessions == nil || session.IsZero() {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, freshWithin)
	defer cancel()
	ended, err := s.config.Sessions.Ended(ctx, []domain.ID{session})
	if err != nil {
		return databaseAway
	}
	if slices.Contains(ended, session) {
		return sessionEnded
	}
	return nil
}
