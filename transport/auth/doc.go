// Package auth says whose token a request carries.
//
// A token is a JWT (RFC 7519) under one kind of key: shared secrets (HS256), or the public keys of
// an issuer's JWKS URL (RS256, ES256, EdDSA). [Keys.Verify] takes it only with an allowed
// algorithm, a good signature, no "crit" header (RFC 7515 §4.1.11), an "exp" that is still ahead,
// an "nbf" that has passed, the "type" that the caller asks for, a UUID as "sub", and the issuer and
// audience that are configured. Claim names are matched with their case.
//
// Every refusal is an [*Error] whose Kind is one of the sentinels here. The text of a sentinel is
// the exact reason with which a WebSocket is closed; the detail is for the log. Neither ever holds
// the token or a part of it.
//
// Whether the subject is an active user, and whether the session goes on, is for the caller to ask.
package auth
