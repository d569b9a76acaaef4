package session

import (
	"database/sql"
	"errors"
	"time"

	"chainmail/domain"
)

// Lifetimes of what the caller hands out.
const (
	NonceTTL   = 5 * time.Minute     // of a nonce
	AccessTTL  = 15 * time.Minute    // of an access token
	RefreshTTL = 30 * 24 * time.Hour // of a refresh token, and of a session that makes no use of it
)

// reuse is for how long a refresh token may be used again, from its first use on. An answer that got
// lost, or two pages of one browser that refresh at once, must not look like a theft.
const reuse = 10 * time.Second

// Bounds on rows. What is beyond goes, the oldest first.
const (
	// maxNonces is how many open nonces a wallet has. It is well above what a caller lets one address ask for while a nonce is good, so that
	// nobody pushes out a stranger's before he has signed.
	maxNonces   = 1000
	maxSessions = 100 // sessions a user
	maxFamily   = 100 // unused refresh tokens a session
	maxExpired  = 10  // expired rows that one call deletes
)

// The refusals of [Store.Rotate].
var (
	// ErrEnded says that the session has ended, has expired or never was.
	ErrEnded = errors.New("session ended")
	// ErrReused says that the refresh token was used before, more than 10 seconds ago. Its session
	// has ended by that.
	ErrReused = errors.New("refresh token reused")
)

// Store keeps sessions and nonces in PostgreSQL. Its methods may run concurrently, in any number of
// servers.
type Store struct {
	// DB has the schema of package migrations and is opened by [eventstore.OpenDB].
	DB *sql.DB
}

// Session is one login that goes on. Times are the database's, in UTC.
type Session struct {
	ID         domain.ID // claim "sid"; version 7, or of an adopted token its own id
	UserID     domain.ID
	Auth       domain.Auth // how the user showed who he is
	UserAgent  string      // what the program called itself; may be empty
	CreatedAt  time.Time
	LastUsedAt time.Time // when it last got a pair of tokens
	ExpiresAt  time.Time // unless it gets another pair before
}

// scan reads the columns id, user_id, auth, user_agent, created_at, last_used_at, expires_at.
func (s *Session) scan(row interface{ Scan(...any) error }) error {
	err := row.Scan(&s.ID, &s.UserID, &s.Auth, &s.UserAgent, &s.CreatedAt, &s.LastUsedAt, &s.ExpiresAt)
	s.CreatedAt, s.LastUsedAt, s.ExpiresAt = s.CreatedAt.UTC(), s.LastUsedAt.UTC(), s.ExpiresAt.UTC()
	return err
}
