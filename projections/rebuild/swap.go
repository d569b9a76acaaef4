package rebuild

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"

	"chainmail/domain"
)

const (
	// vacuumTimeout is how long the swap waits for vacuums to end. Nobody is held up by then.
	vacuumTimeout = 10 * time.Second
	// offsetTimeout is how long the swap waits for the live projection's batch under way. It holds
	// nothing yet that others need.
	offsetTimeout = 5 * time.Second
	// readersTimeout is how long it waits for transactions older than the shadow's last rows, with the live
	// projection at rest.
	readersTimeout = 250 * time.Millisecond
	// tablesTimeout is how long it waits for all tables, with readers held up.
	tablesTimeout = 200 * time.Millisecond
	// firstPause and lastPause are the waits between attempts. They double.
	firstPause, lastPause = 50 * time.Millisecond, 2 * time.Second
)

// swap puts the shadow in the place of the live tables. It tries until others let it.
func (b *build) swap(ctx context.Context) error {
	b.report(Progress{Projection: b.projection.Name, Stage: StageSwap, Position: b.position, Goal: b.position})
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if err := b.catchUp(ctx); err != nil {
			return err
		}
		err := b.trySwap(ctx)
		var blocked *blockedError
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil || !errors.As(err, &blocked):
			return fmt.Errorf("swap the tables of %s: %w", b.projection.Name, err)
		}
		waiting, err := b.inTheWay(ctx)
		if err != nil {
			return err
		}
		b.report(Progress{Projection: b.projection.Name, Stage: StageSwap, Position: b.position, Goal: b.position, Waiting: waiting})
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// trySwap is one attempt: all or nothing. A blockedError says that it gave way.
func (b *build) trySwap(ctx context.Context) error {
	tx, err := b.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // without effect once committed
	if err := b.holdDefinition(ctx, tx); err != nil {
		return err
	}
	if err := b.holdOffset(ctx, tx); err != nil {
		return err
	}
	// From here on the live projection stands still, and so the new tables will be at the old ones' position or
	// after it. All rows are committed before the swap: a reader whose snapshot is from just before it sees them.
	if err := b.awaitReaders(ctx, tx); err != nil {
		return err
	}
	if err := b.holdTables(ctx, tx); err != nil {
		return err
	}
	return b.exchange(ctx, tx)
}

// holdDefinition keeps vacuums and changes of definition from the tables, but neither readers nor the live
// projection. PostgreSQL ends an automatic vacuum for one who has waited as long as deadlock_timeout,
// which holdTables never does.
func (b *build) holdDefinition(ctx context.Context, tx *sql.Tx) error {
	if err := wait(ctx, tx, vacuumTimeout); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE`, b.tables(b.live)))
	if givesWay(err) {
		return &blockedError{err}
	}
	if err != nil {
		return fmt.Errorf("hold the tables' definition: %w", err)
	}
	return nil
}

const holdOffsetSQL = `
	SELECT position
	FROM projection_offsets
	WHERE projection = $1
	FOR UPDATE`

// holdOffset stops the live projection before its next batch, and brings the shadow to where that is.
func (b *build) holdOffset(ctx context.Context, tx *sql.Tx) error {
	if err := wait(ctx, tx, offsetTimeout); err != nil {
		return err
	}
	var live domain.Position
	err := tx.QueryRowContext(ctx, holdOffsetSQL, b.projection.Name).Scan(&live)
	if givesWay(err) {
		return &blockedError{err}
	}
	if err != nil {
		return fmt.Errorf("hold the offset: %w", err)
	}
	if live <= b.position {
		return nil
	}
	return b.fill(ctx, live)
}

// holdTables keeps everybody else from the tables, or gives way. The bound is on the statement, not on
// each lock: one who waits for a table that is held here, and has another that is waited for, must be
// free again before his deadlock_timeout.
func (b *build) holdTables(ctx context.Context, tx *sql.Tx) error {
	var patience int64
	const find = `SELECT least(setting::bigint / 2, $1) FROM pg_settings WHERE name = 'deadlock_timeout'`
	if err := tx.QueryRowContext(ctx, find, tablesTimeout.Milliseconds()).Scan(&patience); err != nil {
		return fmt.Errorf("read deadlock_timeout: %w", err)
	}
	if err := wait(ctx, tx, time.Duration(max(patience, 1))*time.Millisecond); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`LOCK TABLE %s IN ACCESS EXCLUSIVE MODE`, b.tables(b.live)))
	if givesWay(err) {
		return &blockedError{err}
	}
	if err != nil {
		return fmt.Errorf("hold the tables: %w", err)
	}
	return wait(ctx, tx, offsetTimeout)
}

// wait bounds how long each of the next statements may take.
func wait(ctx context.Context, tx *sql.Tx, limit time.Duration) error {
	const query = `SELECT set_config('statement_timeout', $1, true)`
	if _, err := tx.ExecContext(ctx, query, fmt.Sprint(limit.Milliseconds())); err != nil {
		return fmt.Errorf("bound the wait: %w", err)
	}
	return nil
}

// tables lists the projection's tables in a schema.
func (b *build) tables(schema string) string {
	list := make([]string, len(b.projection.Tables))
	for i, table := range b.projection.Tables {
		list[i] = pq.QuoteIdentifier(schema) + "." + pq.QuoteIdentifier(table)
	}
	return strings.Join(list, ", ")
}

const setOffsetSQL = `
	UPDATE projection_offsets
	SET version = $2, position = $3, updated_at = now(), failed_position = NULL, failure = NULL, failed_at = NULL
	WHERE projection = $1`

// exchange drops the live tables, puts the shadow's in their place and commits. The caller holds the
// offset and the tables.
func (b *build) exchange(ctx context.Context, tx *sql.Tx) error {
	if err := b.refuseForeign(ctx, tx); err != nil {
		return err
	}
	now, err := readDefinition(ctx, tx, b.projection.Tables, b.schema)
	if err != nil {
		return err
	}
	const find = `SELECT count(*) FROM pg_namespace WHERE nspname = $1 AND oid = $2`
	var ours bool // else the session was lost, and with it the lock
	if err := tx.QueryRowContext(ctx, find, b.schema, b.oid).Scan(&ours); err != nil {
		return fmt.Errorf("look for the shadow: %w", err)
	}
	if !ours || !now.equal(b.definition) {
		return &ChangedError{b.projection.Name}
	}
	statements := []string{`DROP TABLE ` + b.tables(b.live)}
	for _, table := range b.projection.Tables {
		statements = append(statements, fmt.Sprintf(`ALTER TABLE %s.%s SET SCHEMA %s`,
			pq.QuoteIdentifier(b.schema), pq.QuoteIdentifier(table), pq.QuoteIdentifier(b.live)))
	}
	statements = append(statements, now.moved...)
	statements = append(statements, `DROP SCHEMA `+pq.QuoteIdentifier(b.schema))
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	if b.projection.Forget != nil { // the words that went while the shadow had them already
		if err := b.projection.Forget(ctx, tx, b.position); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, setOffsetSQL, b.projection.Name, b.projection.Version, int64(b.position))
	if err != nil {
		return fmt.Errorf("set the offset: %w", err)
	}
	if err := ctx.Err(); err != nil { // so far it is known that nothing took effect
		return err
	}
	if err := tx.Commit(); err != nil {
		return &CommitError{b.projection.Name, err}
	}
	return nil
}
