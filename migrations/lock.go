package migrations

import (
	"context"
	"database/sql"
	"time"
)

// lockID is the advisory lock of whoever migrates: the ASCII bytes of "chainmig".
const lockID int64 = 0x636861696e6d6967

// lock takes the session's advisory lock and returns what gives it back. It asks again and again
// instead of waiting inside the database, where a waiting statement would hold a snapshot that
// CREATE INDEX CONCURRENTLY waits for. goose has such a lock too, but looks for its table before it
// takes it, so that of two servers that start at once one would stumble.
func lock(ctx context.Context, conn *sql.Conn) (unlock func() error, err error) {
	const query = `SELECT pg_try_advisory_lock($1)`
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		var locked bool
		if err := conn.QueryRowContext(ctx, query, lockID).Scan(&locked); err != nil {
			return nil, err
		}
		if locked {
			return func() error { return release(context.WithoutCancel(ctx), conn) }, nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func release(ctx context.Context, conn *sql.Conn) error {
	const query = `SELECT pg_advisory_unlock($1)`
	_, err := conn.ExecContext(ctx, query, lockID)
	return err
}
