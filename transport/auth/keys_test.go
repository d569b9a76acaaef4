package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/auth"
)

const (
	user    = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"
	session = "0190aaaa-bbbb-7ccc-8ddd-ffffffffffff"
)

var (
	now    = time.Unix(1_750_000_000, 0).UTC()
	secret = []byte("0123456789abcdef0123456789abcdef")
	older  = []byte("an older secret, still good for verifying")
)

func newKeys(t testing.TB, cfg auth.Config) *auth.Keys {
	t.Helper()
	if cfg.Secrets == nil && cfg.JWKSURL == "" {
		cfg.Secrets = [][]byte{secret, older}
	}
	k, err := auth.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sign makes a JWT from JSON texts, so that a test decides every byte of it.
func sign(key []byte, header, claims string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const (
		hs256 = `{"alg":"HS256","typ":"JWT"}`
		good  = `"sub":"` + user + `","type":"access","exp":1750000060`
	)
	hs := func(claims string) string { return sign(secret, hs256, "{"+claims+"}") }
	for _, tc := range []struct {
		name  string
		token string
		want  error
	}{
		{"good", hs(good), nil},
		{"under the second secret", sign(older, hs256, "{"+good+"}"), nil},
		{"a second before expiry", hs(`"sub":"` + user + `","type":"access","exp":1750000001`), nil},
		{"upper-case sub", hs(`"sub":"` + strings.ToUpper(user) + `","type":"access","exp":1750000060`), nil},
		{"valid from now on", hs(good + `,"nbf":1750000000`), nil},
		{"issuer's clock half a second ahead", hs(good + `,"nbf":1750000000.5`), nil},
		{"unknown claims", hs(good + `,"name":"x","roles":["a"]`), nil},
		{"issued in the future is not our business", hs(good + `,"iat":1750009999`), nil},

		{"empty", "", auth.ErrTokenMissing},

		{"expires now", hs(`"sub":"` + user + `","type":"access","exp":1750000000`), auth.ErrTokenExpired},
		{"expired long ago", hs(`"sub":"` + user + `","type":"access","exp":1`), auth.ErrTokenExpired},

		{"expired under a wrong key", sign([]byte(strings.Repeat("x", 32)), hs256, `{"sub":"`+user+`","type":"access","exp":1}`), auth.ErrTokenInvalid},
		{"expired, of another type", hs(`"sub":"` + user + `","type":"refresh","exp":1`), auth.ErrTokenInvalid},
		{"expired, sub no UUID", hs(`"sub":"bob","type":"access","exp":1`), auth.ErrTokenInvalid},
		{"garbage", "garbage", auth.ErrTokenInvalid},
		{"two parts", "a.b", auth.ErrTokenInvalid},
		{"four parts", hs(good) + ".x", auth.ErrTokenInvalid},
		{"too long", hs(good + `,"x":"` + strings.Repeat("x", 8192) + `"`), auth.ErrTokenInvalid},
		{"wrong key", sign([]byte(strings.Repeat("x", 32)), hs256, "{"+good+"}"), auth.ErrTokenInvalid},
		{"a changed signature", hs(good)[:len(hs(good))-2] + "AA", auth.ErrTokenInvalid},
		{"no signature", strings.TrimRight(hs(good), "-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), auth.ErrTokenInvalid},
		{"alg none", sign(secret, `{"alg":"none"}`, "{"+good+"}"), auth.ErrTokenInvalid},
		{"alg HS512", sign(secret, `{"alg":"HS512"}`, "{"+good+"}"), auth.ErrTokenInvalid},
		{"alg RS256", sign(secret, `{"alg":"RS256"}`, "{"+good+"}"), auth.ErrTokenInvalid},
		{"alg in another case", sign(secret, `{"alg":"hs256"}`, "{"+good+"}"), auth.ErrTokenInvalid},
		{"header name in another case", sign(secret, `{"ALG":"HS256"}`, "{"+good+"}"), auth.ErrTokenInvalid},
		{"crit", sign(secret, `{"alg":"HS256","crit":["exp"],"exp":1}`, "{"+good+"}"), auth.ErrTokenInvalid},
		{"crit, empty", sign(secret, `{"alg":"HS256","crit":[]}`, "{"+good+"}"), auth.ErrTokenInvalid},
		{"header null", sign(secret, `null`, "{"+good+"}"), auth.ErrTokenInvalid},
		{"claims null", sign(secret, hs256, `null`), auth.ErrTokenInvalid},
		{"claims a list", sign(secret, hs256, `[]`), auth.ErrTokenInvalid},
		{"no type", hs(`"sub":"` + user + `","exp":1750000060`), auth.ErrTokenInvalid},
		{"another type", hs(`"sub":"` + user + `","type":"refresh","exp":1750000060`), auth.ErrTokenInvalid},
		{"type no string", hs(`"sub":"` + user + `","type":1,"exp":1750000060`), auth.ErrTokenInvalid},
		{"no sub", hs(`"type":"access","exp":1750000060`), auth.ErrTokenInvalid},
		{"sub null", hs(`"sub":null,"type":"access","exp":1750000060`), auth.ErrTokenInvalid},
		{"sub no UUID", hs(`"sub":"bob","type":"access","exp":1750000060`), auth.ErrTokenInvalid},
		{"sub without hyphens", hs(`"sub":"` + strings.ReplaceAll(user, "-", "") + `","type":"access","exp":1750000060`), auth.ErrTokenInvalid},
		{"SUB is not sub", hs(`"SUB":"` + user + `","type":"access","exp":1750000060`), auth.ErrTokenInvalid},
		{"Type is not type", hs(`"sub":"` + user + `","Type":"access","exp":1750000060`), auth.ErrTokenInvalid},
		{"Exp is not exp", hs(`"sub":"` + user + `","type":"access","Exp":1750000060`), auth.ErrTokenInvalid},
		{"no exp", hs(`"sub":"` + user + `","type":"access"`), auth.ErrTokenInvalid},
		{"exp a string", hs(`"sub":"` + user + `","type":"access","exp":"1750000060"`), auth.ErrTokenInvalid},
		{"exp null", hs(`"sub":"` + user + `","type":"access","exp":null`), auth.ErrTokenInvalid},
		{"exp beyond the year 9999", hs(`"sub":"` + user + `","type":"access","exp":1e18`), auth.ErrTokenInvalid},
		{"exp below zero", hs(`"sub":"` + user + `","type":"access","exp":-1`), auth.ErrTokenInvalid},
		{"not yet valid", hs(good + `,"nbf":1750000002`), auth.ErrTokenInvalid},
		{"nbf a string", hs(good + `,"nbf":"1"`), auth.ErrTokenInvalid},
		{"iat a string", hs(good + `,"iat":"1"`), auth.ErrTokenInvalid},
		{"sid no UUID", hs(good + `,"sid":"x"`), auth.ErrTokenInvalid},
		{"sid of zeros", hs(good + `,"sid":"00000000-0000-0000-0000-000000000000"`), auth.ErrTokenInvalid},
		{"jti no string", hs(good + `,"jti":1`), auth.ErrTokenInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := newKeys(t, auth.Config{}).Verify(t.Context(), tc.token, auth.Access, now)
			if !errors.Is(err, tc.want) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			if err == nil && got.Subject.String() != user {
				t.Errorf("got subject %v, want %v", got.Subject, user)
			}
			if err != nil {
				checkSecrecy(t, err, tc.token)
			}
		})
	}
}

// checkSecrecy fails when an error shows a part of the token.
func checkSecrecy(t *testing.T, err error, token string) {
	t.Helper()
	for part := range strings.SplitSeq(token, ".") {
		if len(part) > 6 && strings.Contains(err.Error(), part) {
			t.Errorf("error %q shows the token", err)
		}
	}
	var e *auth.Error
	if !errors.As(err, &e) || e.Detail == "" {
		t.Errorf("error %#v has no detail for the log", err)
	}
}

func TestIssuerAndAudience(t *testing.T) {
	t.Parallel()
	const good = `"sub":"` + user + `","type":"access","exp":1750000060`
	for _, tc := range []struct {
		name, claims string
		want         error
	}{
		{"both", `"iss":"us","aud":"them"`, nil},
		{"one of several audiences", `"iss":"us","aud":["others","them"]`, nil},
		{"no issuer", `"aud":"them"`, auth.ErrTokenInvalid},
		{"another issuer", `"iss":"you","aud":"them"`, auth.ErrTokenInvalid},
		{"issuer in a list", `"iss":["us"],"aud":"them"`, auth.ErrTokenInvalid},
		{"no audience", `"iss":"us"`, auth.ErrTokenInvalid},
		{"no audience in the list", `"iss":"us","aud":[]`, auth.ErrTokenInvalid},
		{"another audience", `"iss":"us","aud":"others"`, auth.ErrTokenInvalid},
		{"ISS is not iss", `"ISS":"us","aud":"them"`, auth.ErrTokenInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := newKeys(t, auth.Config{Issuer: "us", Audience: "them"})
			_, err := k.Verify(t.Context(), sign(secret, `{"alg":"HS256"}`, "{"+good+","+tc.claims+"}"), auth.Access, now)
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestReasonsAreTheContracts(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		auth.ErrTokenMissing: "token missing",
		auth.ErrTokenExpired: "token expired",
		auth.ErrTokenInvalid: "token invalid",
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	const url = "https://issuer.example/jwks"
	for _, tc := range []struct {
		name string
		cfg  auth.Config
		want string // a part of the error
	}{
		{"secrets", auth.Config{Secrets: [][]byte{secret}}, ""},
		{"a URL", auth.Config{JWKSURL: url}, ""},
		{"neither", auth.Config{}, "no key"},
		{"both", auth.Config{Secrets: [][]byte{secret}, JWKSURL: url}, "exclude each other"},
		{"31 bytes", auth.Config{Secrets: [][]byte{secret, secret[:31]}}, "JWT secret 2 has 31 bytes"},
		{"a file URL", auth.Config{JWKSURL: "file:///etc/jwks"}, "not an http or https URL"},
		{"no host", auth.Config{JWKSURL: "https:///jwks"}, "not an http or https URL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.New(tc.cfg)
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestMintedTokenVerifies(t *testing.T) {
	t.Parallel()
	id, sid := mustID(t, user), mustID(t, session)
	k := newKeys(t, auth.Config{Issuer: "us", Audience: "them"})
	token, expires, err := k.Mint(auth.Grant{
		Subject: id, SessionID: sid, Auth: domain.AuthToken, Type: auth.Refresh, TTL: 90 * time.Second, TokenID: "t1",
	}, now.Add(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	want := auth.Claims{Subject: id, SessionID: sid, Auth: "token", TokenID: "t1", Type: auth.Refresh, ExpiresAt: now.Add(91 * time.Second), IssuedAt: now}
	got, err := k.Verify(t.Context(), token, auth.Refresh, now)
	if err != nil || got != want || !expires.Equal(want.ExpiresAt) {
		t.Errorf("got %+v, %v until %v, want %+v", got, err, expires, want)
	}
	if _, err := k.Verify(t.Context(), token, auth.Access, now); !errors.Is(err, auth.ErrTokenInvalid) {
		t.Errorf("a refresh token as access token: got %v", err)
	}
	if _, err := k.Verify(t.Context(), token, auth.Refresh, expires); !errors.Is(err, auth.ErrTokenExpired) {
		t.Errorf("at its expiry: got %v", err)
	}
	rotated := newKeys(t, auth.Config{Secrets: [][]byte{older, secret}, Issuer: "us", Audience: "them"})
	if _, err := rotated.Verify(t.Context(), token, auth.Refresh, now); err != nil {
		t.Errorf("after the secrets changed places: %v", err)
	}
}

func TestMintedTokensDiffer(t *testing.T) {
	t.Parallel()
	k := newKeys(t, auth.Config{})
	g := auth.Grant{Subject: mustID(t, user), Type: auth.Access, TTL: time.Hour}
	a, _, errA := k.Mint(g, now)
	b, _, errB := k.Mint(g, now)
	if errA != nil || errB != nil || a == b {
		t.Errorf("got %q, %v and %q, %v", a, errA, b, errB)
	}
}

func TestMintRefuses(t *testing.T) {
	t.Parallel()
	k := newKeys(t, auth.Config{})
	if _, _, err := k.Mint(auth.Grant{Subject: mustID(t, user), Type: auth.Access}, now); err == nil {
		t.Error("no lifetime: no error")
	}
	if _, _, err := k.Mint(auth.Grant{Type: auth.Access, TTL: time.Hour}, now); err == nil {
		t.Error("no subject: no error")
	}
	outside := newKeys(t, auth.Config{JWKSURL: "https://issuer.example/jwks"})
	_, _, err := outside.Mint(auth.Grant{Subject: mustID(t, user), Type: auth.Access, TTL: time.Hour}, now)
	if !errors.Is(err, auth.ErrCannotMint) || outside.CanMint() {
		t.Errorf("with a JWKS URL: got %v, can mint %v", err, outside.CanMint())
	}
}

func TestRunWithSecretsWaits(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newKeys(t, auth.Config{}).Run(ctx); err != nil {
		t.Error(err)
	}
}

func mustID(t testing.TB, text string) domain.ID {
	t.Helper()
	id, err := domain.ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func BenchmarkVerify(b *testing.B) {
	k := newKeys(b, auth.Config{})
	token := sign(secret, `{"alg":"HS256"}`, `{"sub":"`+user+`","type":"access","exp":1750000060}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Verify(b.Context(), token, auth.Access, now); err != nil {
			b.Fatal(err)
		}
	}
}
