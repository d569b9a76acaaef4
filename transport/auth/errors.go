package auth

import "errors"

// The refusals. Their texts are the reasons that a client reads with close code 1008.
var (
	ErrTokenMissing = errors.New("token missing")
	ErrTokenExpired = errors.New("token expired")
	ErrTokenInvalid = errors.New("token invalid")
)

// ErrKeysUnavailable says that the issuer's keys could not be fetched, so that nothing is known of
// the token. It is no refusal: the client should come back later.
var ErrKeysUnavailable = errors.New("token keys unavailable")

// ErrCannotMint says that only the outside issuer makes tokens, because the keys are his.
var ErrCannotMint = errors.New("tokens are made by the issuer of the JWKS URL")

// Error is a token that was not accepted.
type Error struct {
	Kind   error  // one of the sentinels, for errors.Is
	Detail string // what was wrong, in fixed words; for the log, not for the client
}

func (e *Error) Error() string { return e.Kind.Error() + ": " + e.Detail }

// Unwrap gives the sentinel.
func (e *Error) Unwrap() error { return e.Kind }

func missing(detail string) *Error { return &Error{Kind: ErrTokenMissing, Detail: detail} }
func invalid(detail string) *Error { return &Error{Kind: ErrTokenInvalid, Detail: detail} }
