package auth

import (
	"math"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"chainmail/domain"
)

// Type is the claim "type": what a token is good for.
type Type string

// The two types. Only an access token opens a connection or an API call.
const (
	Access  Type = "access"
	Refresh Type = "refresh"
)

// Claims is what a verified token says.
type Claims struct {
	Subject   domain.ID // whose token it is
	SessionID domain.ID // claim "sid"; zero for a token of no session
	Auth      string    // claim "auth"; empty where the issuer gives none
	TokenID   string    // claim "jti"; empty where the issuer gives none
	Type      Type
	ExpiresAt time.Time
	IssuedAt  time.Time // zero where the token does not say
	NotBefore time.Time // zero where the token does not say
}

// notBeforeLeeway forgives an issuer whose clock is a little ahead of ours.
const notBeforeLeeway = time.Second

// maxUnix is the last second of the year 9999, the last that RFC 3339 can write.
const maxUnix = 253_402_300_799

// read turns a token's claims into Claims. Whether it has expired is looked at last: an expired
// token with another fault besides is invalid, since to refresh it would not help.
func (k *Keys) read(m jwt.MapClaims, want Type, now time.Time) (Claims, error) {
	c := Claims{Type: want}
	if s, ok := m["type"].(string); !ok || s != string(want) {
		return Claims{}, invalid("claim type is not " + string(want))
	}
	if k.issuer != "" && m["iss"] != k.issuer {
		return Claims{}, invalid("claim iss is not the configured issuer")
	}
	if k.audience != "" && !hasAudience(m["aud"], k.audience) {
		return Claims{}, invalid("claim aud does not hold the configured audience")
	}
	var ok bool
	if c.Subject, ok = idClaim(m, "sub"); !ok || c.Subject.IsZero() {
		return Claims{}, invalid("claim sub is not a UUID")
	}
	if c.SessionID, ok = idClaim(m, "sid"); !ok {
		return Claims{}, invalid("claim sid is not a UUID")
	}
	c.Auth, _ = m["auth"].(string) // an outside issuer may mean something else by it
	if jti, present := m["jti"]; present {
		if c.TokenID, ok = jti.(string); !ok {
			return Claims{}, invalid("claim jti is not a string")
		}
	}
	if err := c.readTimes(m, now); err != nil {
		return Claims{}, err
	}
	return c, nil
}

func (c *Claims) readTimes(m jwt.MapClaims, now time.Time) error {
	var ok bool
	if c.IssuedAt, ok = timeClaim(m, "iat"); !ok {
		return invalid("claim iat is not a time")
	}
	if c.NotBefore, ok = timeClaim(m, "nbf"); !ok {
		return invalid("claim nbf is not a time")
	}
	if c.NotBefore.After(now.Add(notBeforeLeeway)) {
		return invalid("claim nbf is in the future")
	}
	if c.ExpiresAt, ok = timeClaim(m, "exp"); !ok || c.ExpiresAt.IsZero() {
		return invalid("claim exp is missing or not a time")
	}
	if !now.Before(c.ExpiresAt) { // RFC 7519 §4.1.4: not on or after
		return &Error{Kind: ErrTokenExpired, Detail: "claim exp has passed"}
	}
	return nil
}

// idClaim reads a claim that holds a UUID: the zero ID where it is absent, false where it is
// anything else.
func idClaim(m jwt.MapClaims, name string) (domain.ID, bool) {
	value, present := m[name]
	if !present {
		return domain.ID{}, true
	}
	text, ok := value.(string)
	if !ok {
		return domain.ID{}, false
	}
	id, err := domain.ParseID(text)
	return id, err == nil
}

// timeClaim reads a NumericDate (RFC 7519 §2) to the microsecond: the zero time where it is
// absent, false where it is no number or lies outside the years 1970 to 9999.
func timeClaim(m jwt.MapClaims, name string) (time.Time, bool) {
	value, present := m[name]
	if !present {
		return time.Time{}, true
	}
	seconds, ok := value.(float64)
	if !ok || !(seconds >= 0 && seconds <= maxUnix) {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e6)*1e3).UTC(), true
}

// hasAudience reads "aud" as RFC 7519 §4.1.3 has it: one string, or a list of them.
func hasAudience(claim any, want string) bool {
	if list, ok := claim.([]any); ok {
		return slices.Contains(list, any(want))
	}
	return claim == want
}
