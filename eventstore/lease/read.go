package lease

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// State is what the database says of a lease.
type State struct {
	Holder string // who has it, or had it last
	Epoch  int64
	Live   bool // it has not expired
}

const readSQL = `
	SELECT holder, epoch, expires > clock_timestamp()
	FROM leases
	WHERE name = $1`

// Read returns the state of a lease; the zero State of one that nobody ever had.
func Read(ctx context.Context, db *sql.DB, name string) (State, error) {
	var s State
	err := db.QueryRowContext(ctx, readSQL, name).Scan(&s.Holder, &s.Epoch, &s.Live)
	if errors.Is(err, sql.ErrNoRows) {
		return State{}, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("read the lease %s: %w", name, err)
	}
	return s, nil
}
