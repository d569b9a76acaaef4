package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MinSecret is the least length of a shared secret in bytes: that of an HS256 hash (RFC 7518 §3.2).
const MinSecret = 32

// maxToken bounds the work that an unsigned text can cause.
const maxToken = 8192

// Config says which tokens are good. Exactly one of Secrets and JWKSURL is given.
type Config struct {
	Secrets  [][]byte     // shared secrets of at least MinSecret bytes; the first signs, all verify
	JWKSURL  string       // http or https URL of the issuer's public keys
	Issuer   string       // required "iss", where not empty
	Audience string       // required in "aud", where not empty
	Client   *http.Client // fetches JWKSURL; http.DefaultClient where nil
	Log      *slog.Logger // hears of fetches that fail; slog.Default where nil
}

// Keys verifies tokens and, with secrets of its own, makes them. Its methods may run concurrently.
type Keys struct {
	secrets  jwt.VerificationKeySet // []byte each; empty with a JWKS URL
	set      *keySet                // nil with secrets
	issuer   string
	audience string
	parser   *jwt.Parser
}

// New checks the configuration. It asks nobody for keys: [Keys.Run] does.
func New(cfg Config) (*Keys, error) {
	k := &Keys{issuer: cfg.Issuer, audience: cfg.Audience}
	algorithms := []string{"HS256"}
	switch {
	case len(cfg.Secrets) > 0 && cfg.JWKSURL != "":
		return nil, errors.New("JWT secrets and a JWKS URL exclude each other: give one kind")
	case len(cfg.Secrets) == 0 && cfg.JWKSURL == "":
		return nil, errors.New("no key for tokens: give a JWT secret or a JWKS URL")
	case cfg.JWKSURL != "":
		set, err := newKeySet(cfg)
		if err != nil {
			return nil, err
		}
		k.set = set
		algorithms = []string{"RS256", "ES256", "EdDSA"}
	}
	for i, s := range cfg.Secrets {
		if len(s) < MinSecret {
			return nil, fmt.Errorf("JWT secret %d has %d bytes: it needs at least %d", i+1, len(s), MinSecret)
		}
		k.secrets.Keys = append(k.secrets.Keys, bytes.Clone(s))
	}
	// Claims are checked here, not by the parser: it would match their names in any case, and
	// cannot tell a token that is only expired from one that is wrong besides.
	k.parser = jwt.NewParser(jwt.WithValidMethods(algorithms), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())
	return k, nil
}

// Run keeps the issuer's keys fresh until ctx ends, and then returns nil. With shared secrets
// there is nothing to keep, and it only waits. Verify works without Run too, but then a key that
// the issuer withdrew is trusted until another token names an unknown one.
func (k *Keys) Run(ctx context.Context) error {
	if k.set == nil {
		<-ctx.Done()
		return nil
	}
	return k.set.run(ctx)
}

// Verify returns what the token says if it is good at the time now and of the type wanted.
// Otherwise the error is an [*Error] of kind ErrTokenMissing (the token is empty), ErrTokenExpired
// (that is its only fault), ErrTokenInvalid, or ErrKeysUnavailable. A token that names an unknown
// key may wait some seconds for the issuer's keys to be fetched again.
func (k *Keys) Verify(ctx context.Context, token string, want Type, now time.Time) (Claims, error) {
	switch {
	case token == "":
		return Claims{}, missing("it is empty")
	case len(token) > maxToken:
		return Claims{}, invalid("it is too long")
	}
	claims := jwt.MapClaims{}
	_, err := k.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if _, critical := t.Header["crit"]; critical {
			return nil, invalid("header crit names extensions that are not understood")
		}
		if k.set != nil {
			return k.set.key(ctx, t, now)
		}
		return k.secrets, nil
	})
	if err != nil {
		return Claims{}, refusal(err)
	}
	return k.read(claims, want, now)
}

// refusal replaces the parser's error, which may quote the token, by one in fixed words.
func refusal(err error) error {
	var ours *Error
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, jwt.ErrTokenMalformed):
		return invalid("it is not a JWT")
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return invalid("its algorithm is not allowed or its signature is wrong")
	}
	return invalid("it cannot be verified")
}

func checkURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("the JWKS URL is not an http or https URL")
	}
	return u, nil
}
