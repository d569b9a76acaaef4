package auth_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/transport/auth"
)

func TestActor(t *testing.T) {
	t.Parallel()
	own := newKeys(t, auth.Config{Secrets: [][]byte{bytes.Repeat([]byte("s"), auth.MinSecret)}})
	outside := newKeys(t, auth.Config{JWKSURL: "https://issuer.example/keys"})
	user, session := domain.ID(uuid.New()), domain.ID(uuid.New())
	for name, tc := range map[string]struct {
		keys    *auth.Keys
		session domain.ID
		claim   string
		want    domain.Auth
	}{
		"by hand":                     {own, domain.ID{}, "", domain.AuthToken},
		"by hand, and says wallet":    {own, domain.ID{}, "wallet", domain.AuthToken},
		"session":                     {own, session, "", domain.AuthWallet},
		"session of a wallet":         {own, session, "wallet", domain.AuthWallet},
		"session of a token":          {own, session, "token", domain.AuthToken},
		"outside":                     {outside, domain.ID{}, "", domain.AuthExternal},
		"outside, with a session":     {outside, session, "", domain.AuthExternal},
		"outside, and says something": {outside, session, "token", domain.AuthExternal},
	} {
		got := tc.keys.Actor(auth.Claims{Subject: user, SessionID: tc.session, Auth: tc.claim})
		if want := (domain.Actor{ID: user, SessionID: tc.session, Auth: tc.want}); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}
