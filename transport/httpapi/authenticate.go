package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/frame"
)

// patience bounds how long a request waits for the view or the tables to catch up.
const patience = 5 * time.Second

// Refusals of tokens that are good by themselves. Their texts are what clients read.
var (
	errInactive = errors.New("user not found or inactive")
	errEnded    = errors.New("session ended")
)

// authenticate lets only active users pass, and puts the call into the context.
func (a *api) authenticate(from source) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		c, err := a.caller(r)
		if err != nil {
			a.problem(r.Context(), unauthenticated(err)).write(w)
			return
		}
		noteUser(r.Context(), c.user())
		c.from, c.header = from, w.Header()
		c.at(from.Position()) // unless the call knows better
		next(huma.WithValue(ctx, callKey{}, c))
	}
}

func (a *api) caller(r *http.Request) (*call, error) {
	token, err := auth.FromHeader(r.Header)
	if err != nil {
		return nil, err
	}
	claims, err := a.Keys.Verify(r.Context(), token, auth.Access, a.Now())
	if err != nil {
		return nil, err
	}
	if err := a.checkSession(r.Context(), claims.SessionID); err != nil {
		return nil, err
	}
	role, err := a.activeRole(r.Context(), claims.Subject)
	if err != nil {
		return nil, err
	}
	return &call{
		actor: a.Keys.Actor(claims), role: role, admin: role == domain.RoleAdmin,
		trusted: role == domain.RoleAdmin || role == domain.RoleService,
	}, nil
}

func (a *api) checkSession(ctx context.Context, session domain.ID) error {
	if a.Sessions == nil || session.IsZero() {
		return nil
	}
	ended, err := a.Sessions.Ended(ctx, []domain.ID{session})
	if err != nil {
		return fmt.Errorf("look at session %s: %w", session, err)
	}
	if len(ended) > 0 {
		return errEnded
	}
	return nil
}

// activeRole returns errInactive only when a view of the whole log has no such active user: he may have been
// registered elsewhere a moment ago.
func (a *api) activeRole(ctx context.Context, user domain.ID) (domain.Role, error) {
	if role, active := a.role(user); active {
		return role, nil
	}
	if err := a.freshen(ctx, a.View.Wait); err != nil {
		return "", err
	}
	if role, active := a.role(user); active {
		return role, nil
	}
	return "", errInactive
}

func (a *api) role(user domain.ID) (role domain.Role, active bool) {
	a.View.Read(func(s *domain.State) {
		if active = s.Active(user); active {
			role = s.User(user).Role
		}
	})
	return role, active
}

// errBehind says that the view or the tables lack what the log has.
var errBehind = errors.New("not caught up")

// freshen waits until something includes what is in the log now.
func (a *api) freshen(ctx context.Context, wait func(context.Context, domain.Position) error) error {
	head, err := a.Log.Fresh(ctx)
	if err != nil {
		return err
	}
	return a.await(ctx, wait, head)
}

// await waits until something includes a position.
func (a *api) await(
	ctx context.Context, wait func(context.Context, domain.Position) error, position domain.Position,
) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := wait(ctx, position); err != nil {
		return fmt.Errorf("position %d: %w: %w", position, errBehind, err)
	}
	return nil
}

// unauthenticated makes a 401 with the exact reason of a refused token; other errors stay as they are.
func unauthenticated(err error) error {
	reason := err
	var refused *auth.Error
	if errors.As(err, &refused) {
		reason = refused.Kind
	}
	challenge := fmt.Sprintf(`Bearer realm="chainmail", error="invalid_token", error_description="%v"`, reason)
	switch reason {
	case auth.ErrTokenMissing: // RFC 6750 §3.1: no error code then
		challenge = `Bearer realm="chainmail"`
	case auth.ErrTokenExpired, auth.ErrTokenInvalid, errInactive, errEnded:
	case auth.ErrKeysUnavailable:
		return unavailable("the keys that tokens are checked with cannot be fetched: try again")
	default:
		return err
	}
	p := newProblem(frame.Unauthenticated, "", reason.Error())
	p.headers.Set("WWW-Authenticate", challenge)
	return p
}
