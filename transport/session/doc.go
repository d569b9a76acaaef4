// Package session keeps what a login needs to outlast a request: nonces, sessions and the state of
// refresh tokens, in the tables auth_nonces, auth_sessions, auth_refresh_tokens and auth_adopted.
//
// These tables are no part of the log; docs/decisions/0014-sessions-outside-the-log.md says why.
// Several servers share them, so every time is the database's. What has expired is deleted by the
// calls that add rows, a few rows a call: nothing has to run for that.
//
// A refresh token is known by its id alone, the claim "jti". The refresh tokens of a session are one
// family. [Store.Rotate] takes one and gives another. A token that is used again within 10 seconds
// gets one more of its family; later, somebody has a copy, and the session ends for all who hold a
// token of it. So it does for an id that the family does not know, since the ids of tokens used up
// are forgotten.
//
// The package makes and reads no tokens. Whoever calls it has verified the token (package auth), and
// asks himself whether the user is still active.
package session
