// Package login lets people in: by a wallet's signature (EIP-4361), and on with refresh tokens that rotate. It joins package
// wallet, which reads and checks what was signed, and package session, which keeps nonces and sessions, to accounts and
// tokens. A wallet that nobody has registered yet becomes a user, unless registration is closed; the text that it signed
// is kept with its account as evidence.
package login
