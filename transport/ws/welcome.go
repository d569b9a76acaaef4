package ws

import (
	"time"

	"chainmail/transport/auth"
	"chainmail/transport/frame"
)

// warnBefore is how long before a token's end the client is told; in a shorter life, half-way.
const warnBefore = time.Minute

// trust takes over what a verified token says. The reader calls it, or whoever makes the connection.
func (c *conn) trust(claims auth.Claims) {
	now := c.server.now()
	life := claims.ExpiresAt.Sub(now)
	warn := claims.ExpiresAt.Add(-warnBefore)
	if life <= warnBefore {
		warn = now.Add(life / 2)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.actor = c.server.config.Keys.Actor(claims)
	c.token = validity{expires: claims.ExpiresAt, warn: warn}
}

// welcome says whom the server takes the client for, and where the log is.
func (c *conn) welcome(ref string) {
	c.mu.Lock()
	expires := c.token.expires
	c.mu.Unlock()
	c.out.answer(&frame.Authenticated{
		Ref: ref, UserID: c.user, LogID: c.server.config.LogID, Position: c.server.config.Log.Head(),
		ExpiresAt: expires, Heartbeat: heartbeatEvery, Timestamp: c.server.now(),
	})
}

// authenticate takes a fresh token of the same user, so that the connection outlives the old one.
func (c *conn) authenticate(f *frame.Frame) {
	defer c.spend()
	claims, bye := c.verify(f.Token, nil)
	if bye == nil && claims.Subject != c.user {
		bye = &goodbye{reason: "the token is another user's"}
	}
	if bye == nil {
		bye = c.server.checkSession(claims.SessionID)
	}
	if bye == nil {
		c.trust(claims)
		c.welcome(f.Ref)
		return
	}
	e := frame.Error{Code: frame.Unauthenticated, Field: "token", Message: bye.reason, Ref: f.Ref}
	if bye.code == codeRestart {
		e.Code, e.Field = frame.Unavailable, ""
	}
	c.out.answer(&e)
}
