package rebuild

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"github.com/lib/pq"

	"chainmail/domain"
	"chainmail/projections"
)

// Log is what a rebuild needs of the event log; *eventstore.Log is one.
type Log interface {
	// DB is a pool of connections with binary parameters, as eventstore.OpenDB makes it.
	DB() *sql.DB
	// Read returns up to limit events after a position, in order and without gaps.
	Read(ctx context.Context, after domain.Position, limit int) ([]domain.Event, error)
}

// build is one shadow of a projection, and the session that fills it.
type build struct {
	log        Log
	db         *sql.DB
	projection projections.Projection
	report     func(Progress)

	session    *sql.Conn // holds the lock of this projection's rebuilds, and writes the shadow's rows
	pid        int       // the session's database process
	live       string    // the schema of the live tables
	schema     string    // the schema of the shadow tables
	oid        int64     // that schema, as it was made by us
	definition definition
	position   domain.Position // the last that was applied to the shadow
}

// open takes the lock and makes an empty shadow.
func open(ctx context.Context, log Log, p projections.Projection, report func(Progress)) (_ *build, err error) {
	if report == nil {
		report = func(Progress) {}
	}
	b := &build{log: log, db: log.DB(), projection: p, report: report, schema: "rebuild_" + p.Name}
	if b.session, err = b.db.Conn(ctx); err != nil {
		return nil, fmt.Errorf("rebuild %s: %w", p.Name, err)
	}
	defer func() {
		if err != nil {
			_ = b.session.Close() // what went wrong is in err
		}
	}()
	if err := b.lock(ctx); err != nil {
		return nil, err
	}
	if err := b.makeShadow(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make shadow tables of %s: %w", p.Name, err), b.close(ctx))
	}
	return b, nil
}

const lockSQL = `
	SELECT pg_try_advisory_lock(hashtextextended('chainmail rebuild ' || $1::text, 0)), pg_backend_pid()`

// holderSQL splits the lock's number as pg_locks does.
const holderSQL = `
	SELECT coalesce(max(l.pid), 0)
	FROM pg_locks AS l, hashtextextended('chainmail rebuild ' || $1::text, 0) AS k (number)
	WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
		AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
		AND l.classid::bigint = (k.number >> 32) & 4294967295
		AND l.objid::bigint = k.number & 4294967295`

// lock makes this the only rebuild of the projection as long as the session lives.
func (b *build) lock(ctx context.Context) error {
	var locked bool
	if err := b.session.QueryRowContext(ctx, lockSQL, b.projection.Name).Scan(&locked, &b.pid); err != nil {
		return fmt.Errorf("lock rebuilds of %s: %w", b.projection.Name, err)
	}
	if locked {
		return nil
	}
	busy := &BusyError{Projection: b.projection.Name}
	if err := b.session.QueryRowContext(ctx, holderSQL, b.projection.Name).Scan(&busy.PID); err != nil {
		return fmt.Errorf("see who rebuilds %s: %w", b.projection.Name, err)
	}
	return busy
}

const findSchemaSQL = `
	SELECT
		coalesce(string_agg(x.name, ', ' ORDER BY x.name) FILTER (WHERE n.oid IS NULL), ''),
		count(DISTINCT n.oid),
		coalesce(min(n.nspname::text), '')
	FROM unnest($1::text[]) AS x (name)
	LEFT JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(x.name))
	LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace`

// findLive finds the one schema that the live tables are in.
func (b *build) findLive(ctx context.Context) error {
	var (
		missing string
		schemas int
	)
	row := b.session.QueryRowContext(ctx, findSchemaSQL, pq.StringArray(b.projection.Tables))
	if err := row.Scan(&missing, &schemas, &b.live); err != nil {
		return fmt.Errorf("find live tables: %w", err)
	}
	if missing != "" {
		return fmt.Errorf("tables are missing (%s): run chainmail migrate up; "+
			"what that does not make was dropped, and docs/rebuild.md has how to get it back", missing)
	}
	if schemas > 1 {
		return errors.New("the live tables are in several schemas of the search_path: move them into one")
	}
	return nil
}

// makeShadow makes empty tables like the live ones, instead of what a killed rebuild may have left.
func (b *build) makeShadow(ctx context.Context) error {
	if err := b.findLive(ctx); err != nil {
		return err
	}
	tx, err := b.session.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // without effect once committed
	if b.definition, err = readDefinition(ctx, tx, b.projection.Tables, b.schema); err != nil {
		return err
	}
	schema := pq.QuoteIdentifier(b.schema)
	for _, statement := range append([]string{
		`DROP SCHEMA IF EXISTS ` + schema + ` CASCADE`,
		`CREATE SCHEMA ` + schema,
		`COMMENT ON SCHEMA ` + schema + ` IS 'Tables of a projection as chainmail rebuild fills them. Dropped when it ends; what a killed one leaves goes with the next.'`,
	}, b.definition.before...) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	const find = `SELECT oid FROM pg_namespace WHERE nspname = $1`
	if err := tx.QueryRowContext(ctx, find, b.schema).Scan(&b.oid); err != nil {
		return err
	}
	return tx.Commit()
}

const unlockSQL = `
	SELECT pg_advisory_unlock(hashtextextended('chainmail rebuild ' || $1::text, 0))`

// close drops what is left of the shadow and gives the lock back. It works when ctx has ended.
func (b *build) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_, err := b.session.ExecContext(ctx, `DROP SCHEMA IF EXISTS `+pq.QuoteIdentifier(b.schema)+` CASCADE`)
	if err == nil {
		_, err = b.session.ExecContext(ctx, unlockSQL, b.projection.Name)
	}
	if err == nil {
		return b.session.Close()
	}
	// The lock goes with the session, and the next rebuild clears up.
	_ = b.session.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return fmt.Errorf("drop the shadow of %s: %w", b.projection.Name, err)
}

// definition is what makes tables like the live ones.
type definition struct {
	columns              []string // what LIKE copies
	before, after, moved []string // statements: before filling, after it, and in the live schema
}

// equal compares what makes the tables, without grants.
func (d definition) equal(other definition) bool {
	return slices.Equal(d.columns, other.columns) && slices.Equal(d.before, other.before) && slices.Equal(d.after, other.after)
}

func readDefinition(ctx context.Context, tx *sql.Tx, tables []string, schema string) (definition, error) {
	var d definition
	rows, err := tx.QueryContext(ctx, cloneSQL, pq.StringArray(tables), schema)
	if err != nil {
		return d, fmt.Errorf("read definition of tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var phase int
		var statement string
		if err := rows.Scan(&phase, &statement); err != nil {
			return d, fmt.Errorf("read definition of tables: %w", err)
		}
		switch phase {
		case 0:
			d.columns = append(d.columns, statement)
		case 1:
			d.before = append(d.before, statement)
		case 2:
			d.after = append(d.after, statement)
		default:
			d.moved = append(d.moved, statement)
		}
	}
	if err := rows.Err(); err != nil {
		return d, fmt.Errorf("read definition of tables: %w", err)
	}
	return d, nil
}
