package wallet

import "errors"

// What can be wrong with a text. [Parse] and [Verify] return these in an [*Error].
var (
	ErrTooLong   = errors.New("the message is too long")
	ErrMalformed = errors.New("the text is not a message of EIP-4361")
	ErrVersion   = errors.New("the message is of another version of EIP-4361")
	ErrAddress   = errors.New("the address is not in the form of EIP-55")
)

// What can be wrong with a signature. [Verify] returns these in an [*Error].
var (
	ErrSignature = errors.New("the signature is malformed")
	ErrSigner    = errors.New("the signature is not by the account in the message")
)

// What can make a well-formed message the wrong one. [Check] returns these in an [*Error].
var (
	ErrDomain           = errors.New("the message is for another domain")
	ErrURI              = errors.New("the message is for another URI")
	ErrChain            = errors.New("the message is for another chain")
	ErrNonce            = errors.New("the message has another nonce")
	ErrIssuedInFuture   = errors.New("the message was issued in the future")
	ErrIssuedTooLongAgo = errors.New("the message was issued too long ago")
	ErrExpired          = errors.New("the message has expired")
	ErrNotYetValid      = errors.New("the message is not valid yet")
)

// Error is a login that was refused. Neither part ever holds anything that the client sent.
type Error struct {
	Kind   error  // one of the sentinels, for errors.Is
	Detail string // what was wrong, in fixed words; empty where the kind says it all
}

func (e *Error) Error() string {
	if e.Detail == "" {
		return e.Kind.Error()
	}
	return e.Kind.Error() + ": " + e.Detail
}

// Unwrap gives the sentinel.
func (e *Error) Unwrap() error { return e.Kind }

func malformed(detail string) *Error { return &Error{Kind: ErrMalformed, Detail: detail} }
