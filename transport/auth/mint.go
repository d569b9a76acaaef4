package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"chainmail/domain"
)

// Grant is what a new token shall say.
type Grant struct {
	Subject   domain.ID   // whose token it is
	SessionID domain.ID   // zero for a token of no session
	Auth      domain.Auth // claim "auth": how the session began; empty for a token of no session
	TokenID   string      // claim "jti"; a random one is made where empty
	Type      Type
	TTL       time.Duration // more than 0; rounded up so that expiry is a whole second
}

// CanMint reports whether Mint works: with secrets of one's own, not with a JWKS URL.
func (k *Keys) CanMint() bool { return len(k.secrets.Keys) > 0 }

// Mint makes a token that Verify accepts from now until the returned time. It returns
// ErrCannotMint where the keys are an outside issuer's.
func (k *Keys) Mint(g Grant, now time.Time) (token string, expires time.Time, err error) {
	switch {
	case !k.CanMint():
		return "", time.Time{}, ErrCannotMint
	case g.Subject.IsZero():
		return "", time.Time{}, errors.New("a token needs a subject")
	case g.TTL <= 0:
		return "", time.Time{}, errors.New("a token's lifetime must be more than nothing")
	}
	if g.TokenID == "" {
		id, err := uuid.NewRandom()
		if err != nil {
			return "", time.Time{}, fmt.Errorf("make a token id: %w", err)
		}
		g.TokenID = id.String()
	}
	expires = now.Add(g.TTL).Add(time.Second - time.Nanosecond).Truncate(time.Second).UTC()
	claims := jwt.MapClaims{
		"sub":  g.Subject.String(),
		"type": string(g.Type),
		"iat":  now.Unix(),
		"exp":  expires.Unix(),
		"jti":  g.TokenID,
	}
	if !g.SessionID.IsZero() {
		claims["sid"] = g.SessionID.String()
	}
	if g.Auth != "" {
		claims["auth"] = string(g.Auth)
	}
	if k.issuer != "" {
		claims["iss"] = k.issuer
	}
	if k.audience != "" {
		claims["aud"] = k.audience
	}
	token, err = jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(k.secrets.Keys[0])
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign a token: %w", err)
	}
	return token, expires, nil
}
