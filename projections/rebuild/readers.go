package rebuild

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// querier is a transaction or a session.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// refuseForeign names what hangs on the live tables.
func (b *build) refuseForeign(ctx context.Context, q querier) error {
	rows, err := q.QueryContext(ctx, foreignSQL, pq.StringArray(b.projection.Tables))
	if err != nil {
		return fmt.Errorf("find what depends on the tables of %s: %w", b.projection.Name, err)
	}
	defer rows.Close()
	var objects []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("find what depends on the tables of %s: %w", b.projection.Name, err)
		}
		objects = append(objects, name)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("find what depends on the tables of %s: %w", b.projection.Name, err)
	}
	if len(objects) > 0 {
		return &ForeignError{b.projection.Name, objects}
	}
	return nil
}

// olderSQL finds transactions that began before $1 and hold a snapshot: such a one may look at the new tables for
// the first time and see less than all their rows. Those that wait for $2, the swap, see them afresh; so does
// the live projection, known by its lease (projections.selectSQL), which is idle while its batch waits for us.
// A session of another role shows its snapshot only to members of pg_read_all_stats.
const olderSQL = `
	SELECT a.pid
	FROM pg_stat_activity AS a
	WHERE a.datname = current_database()
		AND a.backend_type = 'client backend'
		AND a.xact_start < $1
		AND a.backend_xmin IS NOT NULL
		AND a.pid NOT IN (pg_backend_pid(), $2)
		AND $2 <> ALL (pg_blocking_pids(a.pid))
		AND NOT EXISTS (
			SELECT FROM pg_locks AS l, hashtextextended('chainmail projection ' || $3::text, 0) AS k (number)
			WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
				AND l.classid::bigint = (k.number >> 32) & 4294967295
				AND l.objid::bigint = k.number & 4294967295
		)`

// awaitReaders waits until no transaction is left whose snapshot is older than the shadow's last row,
// or gives way.
func (b *build) awaitReaders(ctx context.Context, tx *sql.Tx) error {
	var swapper int
	if err := tx.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&swapper); err != nil {
		return fmt.Errorf("name the swap's process: %w", err)
	}
	// By the session, in whose order the last row was committed.
	var mark time.Time
	if err := b.session.QueryRowContext(ctx, `SELECT clock_timestamp()`).Scan(&mark); err != nil {
		return fmt.Errorf("read the clock: %w", err)
	}
	deadline := time.Now().Add(readersTimeout)
	for {
		older, err := b.processes(ctx, olderSQL, mark, swapper, b.projection.Name)
		if err != nil || len(older) == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return &blockedError{errors.New("transactions with older snapshots")}
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// inTheWaySQL finds those who hold the live tables, and those with a snapshot.
const inTheWaySQL = `
	SELECT a.pid
	FROM pg_stat_activity AS a
	WHERE a.datname = current_database()
		AND a.pid <> pg_backend_pid()
		AND (a.backend_type = 'client backend' AND a.backend_xmin IS NOT NULL
			OR EXISTS (
				SELECT FROM pg_locks AS l
				JOIN unnest($1::text[]) AS x (name) ON l.relation = to_regclass(quote_ident(x.name))
				WHERE l.pid = a.pid AND l.granted
			))
	ORDER BY a.pid`

// inTheWay lists the database processes that may be what the swap gives way to.
func (b *build) inTheWay(ctx context.Context) ([]int, error) {
	return b.processes(ctx, inTheWaySQL, pq.StringArray(b.projection.Tables))
}

func (b *build) processes(ctx context.Context, query string, args ...any) ([]int, error) {
	rows, err := b.session.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("look for other transactions: %w", err)
	}
	defer rows.Close()
	var list []int
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			return nil, fmt.Errorf("look for other transactions: %w", err)
		}
		list = append(list, pid)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for other transactions: %w", err)
	}
	return list, nil
}
