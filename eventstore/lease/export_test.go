package lease

import (
	"database/sql"
	"time"
)

// NewFor is New for a term of its own.
func NewFor(db *sql.DB, name, holder string, term time.Duration) *Lease {
	l := New(db, name, holder)
	l.term = term
	return l
}
