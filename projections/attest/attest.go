// Package attest says in one figure what a projection's tables hold, so that anybody can compare
// two servers, replicas, rebuilds or imports: equal logs give equal figures at equal positions.
//
// The figure is SHA-256 over text. For each table, in the order in which the projection names them,
// that is the table's name and a line feed, and then for each row, in ascending order of the primary
// key, PostgreSQL's text of the whole row ((t.*)::text) and a line feed. Text columns of a key are
// compared by their bytes (COLLATE "C"). The text of a row depends on settings, which are those of
// [settingsSQL]. No two different contents have the same text: a field that has a comma, a quote, a
// parenthesis, a backslash or white space is quoted, and NULL is told from the empty text.
package attest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/lib/pq"

	"chainmail/domain"
	"chainmail/projections"
)

// Sum is the checksum of a projection's tables.
type Sum [sha256.Size]byte

// String gives 64 lower-case hex digits.
func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// State is what the tables of a projection held at a position.
type State struct {
	Projection string
	Version    int
	Position   domain.Position
	Rows       int64
	Sum        Sum
}

// Read computes the checksum of a projection's tables and tells at which position they are, all as
// of one moment. It reads every row and keeps none. A projection that never ran is of version 0.
func Read(ctx context.Context, db *sql.DB, p projections.Projection) (State, error) {
	s := State{Projection: p.Name}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return State{}, fmt.Errorf("read tables of %s: %w", p.Name, err)
	}
	defer func() { _ = tx.Rollback() }() // it wrote nothing
	if err := Hold(ctx, tx, p.Tables); err != nil {
		return State{}, err
	}
	if s.Version, s.Position, err = Offset(ctx, tx, p.Name); err != nil {
		return State{}, err
	}
	s.Sum, s.Rows, err = Tables(ctx, tx, p.Tables)
	return s, err
}

// querier is a transaction, a session or a pool of them.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

const offsetSQL = `
	SELECT version, position
	FROM projection_offsets
	WHERE projection = $1`

// Offset reads which version of a projection its tables are, and how far. One that never ran is of version 0.
func Offset(ctx context.Context, q querier, projection string) (version int, position domain.Position, err error) {
	err = q.QueryRowContext(ctx, offsetSQL, projection).Scan(&version, &position)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, 0, fmt.Errorf("read offset of %s: %w", projection, err)
	}
	return version, position, nil
}

// Hold keeps tables from being swapped until the transaction ends. It comes before the
// transaction's first query: tables that were swapped in while it waited are then seen with all
// their rows, never with an older snapshot.
func Hold(ctx context.Context, tx *sql.Tx, tables []string) error {
	quoted := make([]string, len(tables))
	for i, table := range tables {
		quoted[i] = pq.QuoteIdentifier(table)
	}
	query := fmt.Sprintf(`LOCK TABLE projection_offsets, %s IN ACCESS SHARE MODE`, strings.Join(quoted, ", "))
	if _, err := tx.ExecContext(ctx, query); err != nil {
		return fmt.Errorf("hold tables: %w", err)
	}
	return nil
}

// settingsSQL makes the text of values independent of the session.
const settingsSQL = `
	SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, MDY', true),
		set_config('IntervalStyle', 'postgres', true), set_config('bytea_output', 'hex', true),
		set_config('extra_float_digits', '1', true)`

// Tables computes the checksum of tables as the transaction sees them, found by its search_path,
// and counts their rows. It changes settings of the transaction.
func Tables(ctx context.Context, tx *sql.Tx, tables []string) (sum Sum, rows int64, err error) {
	if _, err := tx.ExecContext(ctx, settingsSQL); err != nil {
		return Sum{}, 0, fmt.Errorf("fix the text of values: %w", err)
	}
	h := sha256.New()
	for _, table := range tables {
		n, err := hashTable(ctx, tx, h, table)
		if err != nil {
			return Sum{}, 0, fmt.Errorf("read table %s: %w", table, err)
		}
		rows += n
	}
	h.Sum(sum[:0])
	return sum, rows, nil
}

func hashTable(ctx context.Context, tx *sql.Tx, h hash.Hash, table string) (n int64, err error) {
	key, err := KeyColumns(ctx, tx, table)
	if err != nil {
		return 0, err
	}
	order := make([]string, len(key))
	for i, column := range key {
		order[i] = column.Ordered("t")
	}
	name := pq.QuoteIdentifier(table)
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`SELECT (t.*)::text FROM %s AS t ORDER BY %s`, name, strings.Join(order, ", ")))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	h.Write([]byte(table + "\n"))
	for rows.Next() {
		var row sql.RawBytes
		if err := rows.Scan(&row); err != nil {
			return 0, err
		}
		h.Write(row)
		h.Write([]byte{'\n'})
		n++
	}
	return n, rows.Err()
}

// KeyColumn is a column of a primary key.
type KeyColumn struct {
	Name     string
	Collated bool // its order depends on a collation
}

// Ordered is the column of a table's alias, as an expression to order by.
func (c KeyColumn) Ordered(alias string) string {
	expression := alias + "." + pq.QuoteIdentifier(c.Name)
	if c.Collated {
		expression += ` COLLATE "C"`
	}
	return expression
}

const keySQL = `
	SELECT a.attname, a.attcollation <> 0
	FROM pg_index AS i
	CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, ordinal)
	JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
	WHERE i.indrelid = to_regclass(quote_ident($1)) AND i.indisprimary
	ORDER BY k.ordinal`

// KeyColumns lists the columns of a table's primary key in order. It is an error if there is none.
func KeyColumns(ctx context.Context, tx *sql.Tx, table string) ([]KeyColumn, error) {
	rows, err := tx.QueryContext(ctx, keySQL, table)
	if err != nil {
		return nil, fmt.Errorf("find primary key of %s: %w", table, err)
	}
	defer rows.Close()
	var key []KeyColumn
	for rows.Next() {
		var c KeyColumn
		if err := rows.Scan(&c.Name, &c.Collated); err != nil {
			return nil, fmt.Errorf("find primary key of %s: %w", table, err)
		}
		key = append(key, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find primary key of %s: %w", table, err)
	}
	if len(key) == 0 {
		return nil, fmt.Errorf("table %s has no primary key, or is not there", table)
	}
	return key, nil
}

const sizeSQL = `
	SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
	FROM unnest($1::text[]) AS x (name)
	JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(x.name))`

// Size estimates how many rows the tables have, without reading them.
func Size(ctx context.Context, db *sql.DB, tables []string) (rows int64, err error) {
	if err := db.QueryRowContext(ctx, sizeSQL, pq.StringArray(tables)).Scan(&rows); err != nil {
		return 0, fmt.Errorf("estimate the size of tables: %w", err)
	}
	return rows, nil
}
