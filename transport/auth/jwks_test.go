package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"chainmail/transport/auth"
)

// issuer is a JWKS URL whose answer a test can change.
type issuer struct {
	url     string
	body    atomic.Pointer[string]
	fetches atomic.Int64
	asked   chan struct{} // hears of each fetch
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{asked: make(chan struct{}, 100)}
	i.answer("")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.fetches.Add(1)
		if body := *i.body.Load(); body == "" {
			http.Error(w, "away", http.StatusServiceUnavailable)
		} else {
			_, _ = w.Write([]byte(body))
		}
		i.asked <- struct{}{}
	}))
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

// answer sets the body of the answers to come; with "" they are errors.
func (i *issuer) answer(body string) { i.body.Store(&body) }

func (i *issuer) keys(t *testing.T) *auth.Keys {
	t.Helper()
	return newKeys(t, auth.Config{JWKSURL: i.url, Log: slog.New(slog.DiscardHandler)})
}

type keyPair struct {
	method          jwt.SigningMethod
	private, public any
}

func pairs(t *testing.T) map[string]keyPair {
	t.Helper()
	r, errR := rsa.GenerateKey(rand.Reader, 2048)
	e, errE := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	pub, priv, errD := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(errR, errE, errD); err != nil {
		t.Fatal(err)
	}
	return map[string]keyPair{
		"rsa": {jwt.SigningMethodRS256, r, &r.PublicKey},
		"ec":  {jwt.SigningMethodES256, e, &e.PublicKey},
		"ed":  {jwt.SigningMethodEdDSA, priv, pub},
	}
}

// document is a JWKS of the pairs, each with its name as "kid".
func document(t *testing.T, all map[string]keyPair, use jwkset.USE, extra ...string) string {
	t.Helper()
	docs := extra
	for kid, p := range all {
		key, err := jwkset.NewJWKFromKey(p.public, jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: kid, USE: use}})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := json.Marshal(key.Marshal())
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, string(doc))
	}
	return `{"keys":[` + strings.Join(docs, ",") + `]}`
}

func (p keyPair) sign(t *testing.T, kid string, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(p.method, jwt.MapClaims{"sub": user, "type": "access", "exp": now.Unix() + 3600})
	if kid != "" {
		token.Header["kid"] = kid
	}
	for name, value := range header {
		token.Header[name] = value
	}
	signed, err := token.SignedString(p.private)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func verify(t *testing.T, k *auth.Keys, token string, at time.Time) error {
	t.Helper()
	_, err := k.Verify(t.Context(), token, auth.Access, at)
	return err
}

func TestJWKSAlgorithms(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	i := newIssuer(t)
	i.answer(document(t, all, "", `{"kty":"oct","kid":"shared","k":"`+strings.Repeat("A", 43)+`"}`, `{"kty":"odd"}`, `{"kty":"RSA"}`))
	k := i.keys(t)
	for name, p := range all {
		if err := verify(t, k, p.sign(t, name, nil), now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := verify(t, k, p.sign(t, "", nil), now); err != nil {
			t.Errorf("%s without kid: %v", name, err)
		}
		if err := verify(t, k, p.sign(t, name, map[string]any{"crit": []string{"b64"}}), now); !errors.Is(err, auth.ErrTokenInvalid) {
			t.Errorf("%s with crit: %v", name, err)
		}
		if err := verify(t, k, p.sign(t, "shared", nil), now); !errors.Is(err, auth.ErrTokenInvalid) {
			t.Errorf("%s under the wrong key: %v", name, err)
		}
	}
	shared := keyPair{method: jwt.SigningMethodHS256, private: make([]byte, 32)}
	if err := verify(t, k, shared.sign(t, "shared", nil), now); !errors.Is(err, auth.ErrTokenInvalid) {
		t.Errorf("HS256 under a key of the set: %v", err)
	}
	ps := keyPair{method: jwt.SigningMethodPS256, private: all["rsa"].private}
	if err := verify(t, k, ps.sign(t, "rsa", nil), now); !errors.Is(err, auth.ErrTokenInvalid) {
		t.Errorf("PS256: %v", err)
	}
	if got := i.fetches.Load(); got != 1 {
		t.Errorf("got %d fetches, want 1", got)
	}
}

func TestJWKSKeyForEncryptionDoesNotSign(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	i := newIssuer(t)
	i.answer(document(t, all, jwkset.UseEnc))
	if err := verify(t, i.keys(t), all["rsa"].sign(t, "rsa", nil), now); !errors.Is(err, auth.ErrTokenInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestJWKSRotation(t *testing.T) {
	t.Parallel()
	first, second := pairs(t), pairs(t)
	i := newIssuer(t)
	i.answer(document(t, map[string]keyPair{"first": first["ed"]}, jwkset.UseSig))
	k := i.keys(t)
	before, after := first["ed"].sign(t, "first", nil), second["ed"].sign(t, "second", nil)
	if err := verify(t, k, before, now); err != nil {
		t.Fatal(err)
	}
	i.answer(document(t, map[string]keyPair{"second": second["ed"]}, jwkset.UseSig))
	if err := verify(t, k, after, now.Add(5*time.Second)); !errors.Is(err, auth.ErrTokenInvalid) {
		t.Errorf("within 10 s of a fetch: got %v", err)
	}
	if err := verify(t, k, after, now.Add(10*time.Second)); err != nil {
		t.Errorf("after 10 s: got %v", err)
	}
	if err := verify(t, k, before, now.Add(11*time.Second)); !errors.Is(err, auth.ErrTokenInvalid) {
		t.Errorf("the withdrawn key: got %v", err)
	}
	if got := i.fetches.Load(); got != 2 {
		t.Errorf("got %d fetches, want 2", got)
	}
}

func TestJWKSFloodOfUnknownKeys(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	i := newIssuer(t)
	i.answer(document(t, all, ""))
	k := i.keys(t)
	token := all["ed"].sign(t, "made up", nil)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := k.Verify(t.Context(), token, auth.Access, now); !errors.Is(err, auth.ErrTokenInvalid) {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	if got := i.fetches.Load(); got != 1 {
		t.Errorf("got %d fetches, want 1", got)
	}
}

func TestJWKSUnreachable(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	i := newIssuer(t)
	k := i.keys(t)
	good, nameless, unknown := all["ed"].sign(t, "ed", nil), all["ed"].sign(t, "", nil), all["ed"].sign(t, "new", nil)
	at := now
	for _, body := range []string{"", "no JSON", "{}", `{"keys":[` + strings.Repeat(" ", 1<<20) + `]}`} {
		i.answer(body)
		for _, token := range []string{good, nameless} {
			at = at.Add(time.Minute)
			if err := verify(t, k, token, at); !errors.Is(err, auth.ErrKeysUnavailable) || errors.Is(err, auth.ErrTokenInvalid) {
				t.Errorf("with %.10q: got %v", body, err)
			}
		}
	}
	if got := i.fetches.Load(); got != 8 {
		t.Errorf("got %d fetches, want 8", got)
	}
	at = at.Add(time.Minute)
	i.answer(document(t, all, ""))
	if err := verify(t, k, good, at); err != nil {
		t.Fatalf("back again: %v", err)
	}
	at = at.Add(time.Minute)
	i.answer("")
	if err := verify(t, k, sign(secret, `{"alg":"HS256","kid":"x"}`, `{}`), at); !errors.Is(err, auth.ErrTokenInvalid) {
		t.Errorf("an algorithm that is not allowed needs no key: got %v", err)
	}
	if err := verify(t, k, unknown, at); !errors.Is(err, auth.ErrKeysUnavailable) {
		t.Errorf("an unknown key while the issuer is away: got %v", err)
	}
	if err := verify(t, k, good, at); err != nil {
		t.Errorf("a known key while the issuer is away: got %v", err)
	}
}

func TestJWKSRunFetchesAtOnce(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	i := newIssuer(t)
	i.answer(document(t, all, ""))
	k := i.keys(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	<-i.asked
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
