package localpg

import (
	"context"
	"database/sql"
	"net/url"

	// The driver that every DSN of this package is for.
	_ "github.com/lib/pq"
)

// socketDSN returns the URL of a database behind a Unix socket; lib/pq and psql take it.
func socketDSN(sockets, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database}
	u.RawQuery = url.Values{"host": {sockets}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// createDatabase makes Chainmail's database unless it is there.
func createDatabase(ctx context.Context, sockets string) error {
	db, err := sql.Open("postgres", socketDSN(sockets, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	const query = `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`
	var there bool
	if err := db.QueryRowContext(ctx, query, database).Scan(&there); err != nil || there {
		return err
	}
	// Template0 because nobody may be connected to a template.
	const create = `CREATE DATABASE chainmail TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C' ENCODING 'UTF8'`
	_, err = db.ExecContext(ctx, create)
	return err
}

// ping tells whether a connection can be made.
func ping(ctx context.Context, dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}
