package login_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/auth"
	"chainmail/transport/login"
	"chainmail/transport/session"
	"chainmail/transport/wallet/wallettest"
)

func (s *server) refresh(token string) login.Tokens {
	s.t.Helper()
	tokens, err := s.Refresh(s.t.Context(), token, "refresher")
	if err != nil {
		s.t.Fatal(err)
	}
	return tokens
}

// pass lets time go by for used refresh tokens.
func (s *server) pass(by time.Duration) {
	s.t.Helper()
	s.exec(`UPDATE auth_refresh_tokens SET used_at = used_at - make_interval(secs => $1)`, by.Seconds())
}

func (s *server) byHand(g auth.Grant) string {
	s.t.Helper()
	token, _, err := s.Keys.Mint(g, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func TestRefreshGoesOn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, other := newServer(t, db.DSN), newServer(t, db.DSN)
	first := s.enter(wallettest.Of("ann"))
	of := s.claims(first.Access, auth.Access).SessionID
	tokens := first
	for _, by := range []*server{s, other, s} {
		next := by.refresh(tokens.Refresh)
		if next.User != first.User || next.Refresh == tokens.Refresh || by.claims(next.Access, auth.Access).SessionID != of {
			t.Errorf("got %+v, want another pair of session %s", next, of)
		}
		tokens = next
	}
	if s.Keys.Actor(s.claims(tokens.Access, auth.Access)).Auth != domain.AuthWallet {
		t.Error("the session is a wallet's no more")
	}
}

func TestReuseEndsTheSession(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	first, apart := s.enter(wallettest.Of("ann")), s.enter(wallettest.Of("ann"))
	of := s.claims(first.Access, auth.Access).SessionID
	second := s.refresh(first.Refresh)
	s.pass(9 * time.Second)
	sibling := s.refresh(first.Refresh)
	s.pass(time.Second)
	if s.ended(of) {
		t.Fatal("the session has ended within the grace")
	}
	_, err := s.Refresh(t.Context(), first.Refresh, "")
	s.refused("after 10 s", err, session.ErrReused)
	if !s.ended(of) {
		t.Error("the session goes on")
	}
	for _, token := range []string{first.Refresh, second.Refresh, sibling.Refresh} {
		_, err := s.Refresh(t.Context(), token, "")
		s.refused("the family", err, session.ErrEnded)
	}
	s.refresh(apart.Refresh)
}

func TestRefreshRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	tokens := s.enter(wallettest.Of("ann"))
	foreign, err := auth.New(auth.Config{Secrets: [][]byte{[]byte(strings.Repeat("f", auth.MinSecret))}})
	if err != nil {
		t.Fatal(err)
	}
	grant := auth.Grant{Subject: tokens.User, Type: auth.Refresh, TTL: time.Hour}
	forged, _, err := foreign.Mint(grant, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expired, _, err := s.Keys.Mint(grant, time.Now().Add(-2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	odd, zero := grant, grant
	odd.TokenID, zero.TokenID = "token 1", domain.ID{}.String()
	stranger := grant
	stranger.Subject = s.claims(tokens.Refresh, auth.Refresh).SessionID // no user's id
	for name, tc := range map[string]struct {
		token string
		want  error
	}{
		"none":              {"", auth.ErrTokenMissing},
		"nonsense":          {"abc", auth.ErrTokenInvalid},
		"another's key":     {forged, auth.ErrTokenInvalid},
		"an access token":   {tokens.Access, auth.ErrTokenInvalid},
		"expired":           {expired, auth.ErrTokenExpired},
		"an id that is odd": {s.byHand(odd), auth.ErrTokenInvalid},
		"an id of zeros":    {s.byHand(zero), auth.ErrTokenInvalid},
	} {
		_, err := s.Refresh(t.Context(), tc.token, "")
		s.refused(name, err, tc.want)
		s.refused(name+", logout", s.Logout(t.Context(), tc.token), tc.want)
	}
	_, err = s.Refresh(t.Context(), s.byHand(stranger), "")
	s.refused("nobody's", err, login.ErrInactive)
	s.refresh(tokens.Refresh) // none of that did it any harm
}

// A server whose view does not yet know the user asks the log before it refuses him.
func TestRefreshOfOneRegisteredElsewhere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, other := newServer(t, db.DSN), newServer(t, db.DSN)
	for range 5 {
		id, err := s.Commands.Register(t.Context(), domain.RegisterUser{Actor: domain.Actor{Auth: domain.AuthCLI}, Name: "Ann", Role: domain.RoleMember})
		if err != nil {
			t.Fatal(err)
		}
		other.refresh(s.byHand(auth.Grant{Subject: id, Type: auth.Refresh, TTL: time.Hour}))
	}
}

// A refresh token of `chainmail token` begins a session, which is no wallet's, once.
func TestRefreshTokenMadeByHand(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	user := s.enter(wallettest.Of("ann")).User
	token := s.byHand(auth.Grant{Subject: user, Type: auth.Refresh, TTL: time.Hour})
	tokens := s.refresh(token)
	claims := s.claims(tokens.Access, auth.Access)
	if claims.Subject != user || claims.SessionID.IsZero() || s.ended(claims.SessionID) {
		t.Errorf("claims: %+v", claims)
	}
	next := s.refresh(tokens.Refresh)
	for _, access := range []string{tokens.Access, next.Access} {
		if got := s.Keys.Actor(s.claims(access, auth.Access)).Auth; got != domain.AuthToken {
			t.Errorf("events would be by %q, want %q", got, domain.AuthToken)
		}
	}
	s.pass(10 * time.Second)
	_, err := s.Refresh(t.Context(), token, "")
	s.refused("reused", err, session.ErrReused)
	_, err = s.Refresh(t.Context(), token, "")
	s.refused("after its session has ended", err, session.ErrEnded)
}

func TestLogout(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	tokens := s.enter(wallettest.Of("ann"))
	byHand := s.byHand(auth.Grant{Subject: tokens.User, Type: auth.Refresh, TTL: time.Hour})
	for _, token := range []string{tokens.Refresh, byHand} {
		for range 2 {
			if err := s.Logout(t.Context(), token); err != nil {
				t.Error(err)
			}
		}
		_, err := s.Refresh(t.Context(), token, "")
		s.refused("refresh", err, session.ErrEnded)
	}
	if !s.ended(s.claims(tokens.Access, auth.Access).SessionID) {
		t.Error("the session goes on")
	}
}

// A database that is away is no refusal: the client is not to forget its tokens.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	ann := wallettest.Of("ann")
	tokens := s.enter(ann)
	_, text := s.challenge(ann)
	if err := s.log.DB().Close(); err != nil {
		t.Fatal(err)
	}
	_, login1 := s.Login(t.Context(), attempt(ann, text))
	_, refresh := s.Refresh(t.Context(), tokens.Refresh, "")
	_, _, challenge := s.Challenge(t.Context(), ann.Address(), page)
	for name, err := range map[string]error{
		"login": login1, "refresh": refresh, "logout": s.Logout(t.Context(), tokens.Refresh), "challenge": challenge,
	} {
		var refused *login.Refused
		if err == nil || errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
