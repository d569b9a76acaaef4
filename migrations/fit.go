package migrations

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/eventstore/localpg"
)

// demandFit returns an error, which says what to do, unless the database can hold the schema: it would fail half-way, at the first
// statement or character that the database does not know.
func demandFit(ctx context.Context, conn *sql.Conn) error {
	const query = `SELECT current_setting('server_version_num')::integer, current_setting('server_encoding')`
	var version int
	var encoding string
	if err := conn.QueryRowContext(ctx, query).Scan(&version, &encoding); err != nil {
		return err
	}
	return fit(version, encoding)
}

// fit judges a server_version_num and a server_encoding.
func fit(version int, encoding string) error {
	if major := version / 10000; major < localpg.OldestMajor {
		return fmt.Errorf("the database is PostgreSQL %d: %d or later is needed", major, localpg.OldestMajor)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database's encoding is %s: make one with ENCODING 'UTF8' TEMPLATE template0", encoding)
	}
	return nil
}
