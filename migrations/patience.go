package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
)

// patience is how migrations wait for tables that others hold. A long transaction (pg_dump) that has read a table holds up a
// migration of it, and the migration holds up all who want to read the table after it. So it gives way and tries again.
type patience struct {
	lock                  time.Duration // how long it asks for a lock, at least 1 ms
	firstPause, lastPause time.Duration // between tries; they double
	limit                 time.Duration // how long it tries, from when it first gave way
}

// apply applies what is pending. conn looks meanwhile who is in the way.
func (p patience) apply(ctx context.Context, conn *sql.Conn, g *goose.Provider, session *session, logger *slog.Logger) error {
	var end time.Time // zero until it gave way
	for pause := p.firstPause; ; pause = min(2*pause, p.lastPause) {
		holders, err := p.try(ctx, conn, g, session)
		var failure *pq.Error
		if !errors.As(err, &failure) || failure.Code.Name() != "lock_not_available" {
			return err
		}
		if end.IsZero() {
			end = time.Now().Add(p.limit)
		}
		if time.Now().Add(pause).After(end) {
			return fmt.Errorf("others held a table for %s (database processes: %s): let them end, or end them, and migrate again: %w", p.limit, holders, err)
		}
		logger.Warn("a migration waits for a table that others hold; it gives way to readers and tries again", "database_processes", holders)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// try is one try, and who was in its way.
func (p patience) try(ctx context.Context, conn *sql.Conn, g *goose.Provider, session *session) (holders string, err error) {
	ended, found := make(chan struct{}), make(chan string, 1)
	go func() { found <- p.watch(ctx, conn, session, ended) }()
	_, err = g.Up(ctx)
	close(ended)
	return <-found, err
}

const holdersSQL = `
	SELECT coalesce(string_agg(concat_ws(' ', pid, nullif(application_name, '')), ', ' ORDER BY pid), '')
	FROM pg_stat_activity
	WHERE pid = ANY (pg_blocking_pids($1))`

// watch returns who was last seen in the session's way: their process ids and what they call themselves.
func (p patience) watch(ctx context.Context, conn *sql.Conn, session *session, ended <-chan struct{}) string {
	holders := "unknown"
	look := time.NewTicker(max(p.lock/5, time.Millisecond))
	defer look.Stop()
	for {
		select {
		case <-ended:
			return holders
		case <-look.C:
		}
		var seen string
		// An error is no harm: it is only for the message.
		if conn.QueryRowContext(ctx, holdersSQL, session.pid.Load()).Scan(&seen) == nil && seen != "" {
			holders = seen
		}
	}
}

// session bounds how long goose's session waits for a lock. goose calls it, as its own lock, before and after its work.
type session struct {
	lock time.Duration
	pid  atomic.Int64 // the database process, once goose has one
}

// SessionLock sets the bound.
func (s *session) SessionLock(ctx context.Context, conn *sql.Conn) error {
	const query = `SELECT pg_backend_pid() FROM set_config('lock_timeout', $1, false)`
	var pid int64
	if err := conn.QueryRowContext(ctx, query, strconv.FormatInt(s.lock.Milliseconds(), 10)).Scan(&pid); err != nil {
		return fmt.Errorf("bound the wait for locks: %w", err)
	}
	s.pid.Store(pid)
	return nil
}

// SessionUnlock takes it back: the connection returns to the pool.
func (s *session) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, `RESET lock_timeout`); err != nil {
		return fmt.Errorf("take back the bound on the wait for locks: %w", err)
	}
	return nil
}
