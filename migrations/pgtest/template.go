package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"chainmail/migrations"
)

// templateLock is held by whoever makes the template: packages are tested by parallel processes.
const templateLock int64 = 0x636861696e746d70 // "chaintmp"

// ensureTemplate returns the name of a migrated database to copy, which is made at most once for
// each set of migrations on a server.
func ensureTemplate(ctx context.Context, server string) (name string, err error) {
	name = "chainmail_" + migrations.Digest()[:16]
	db, err := sql.Open("postgres", server)
	if err != nil {
		return "", err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close() // before its pool, whose end also gives back the lock
	if done, _, err := lookUp(ctx, conn, name); done || err != nil {
		return name, err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return "", err
	}
	done, half, err := lookUp(ctx, conn, name)
	if done || err != nil {
		return name, err
	}
	if half { // made by a process that was killed
		if _, err := conn.ExecContext(ctx, fmt.Sprintf(`DROP DATABASE %s WITH (FORCE)`, name)); err != nil {
			return "", err
		}
	}
	return name, makeTemplate(ctx, conn, server, name)
}

// lookUp reports whether the template is complete, or there but not complete.
func lookUp(ctx context.Context, conn *sql.Conn, name string) (done, half bool, err error) {
	const query = `SELECT datistemplate FROM pg_database WHERE datname = $1`
	err = conn.QueryRowContext(ctx, query, name).Scan(&done)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	return done, err == nil && !done, err
}

func makeTemplate(ctx context.Context, conn *sql.Conn, server, name string) error {
	create := fmt.Sprintf(`CREATE DATABASE %s TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C' ENCODING 'UTF8'`, name)
	if _, err := conn.ExecContext(ctx, create); err != nil {
		return err
	}
	dsn, err := withDatabase(server, name)
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	err = migrations.Up(ctx, db, slog.New(slog.DiscardHandler))
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	// Somebody connected to a template blocks its copies, and PostgreSQL waits 5 s for one who is about to go.
	for connected := true; connected; {
		const query = `SELECT EXISTS (SELECT FROM pg_stat_activity, pg_sleep(0.01) WHERE datname = $1)`
		if err := conn.QueryRowContext(ctx, query, name).Scan(&connected); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf(`ALTER DATABASE %s IS_TEMPLATE true ALLOW_CONNECTIONS false`, name))
	return err
}
