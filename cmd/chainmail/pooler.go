package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
)

// errPooled is what a server cannot live with: its lost appends could not be looked for, and it would hear of no other's.
var errPooled = errors.New("the database's address is that of a pooler that gives a connection away after each transaction:" +
	" give the database's own as --direct-database-url (CHAINMAIL_DIRECT_DATABASE_URL) too")

// demandSessions returns errPooled unless connections of d.db keep what is set in them to themselves. A pooler in transaction
// mode hands the connection in which something was set to the next who asks, or to the first another one.
func (d *database) demandSessions(ctx context.Context) error {
	const (
		set  = `SELECT set_config('chainmail.session', $1, false)`
		read = `SELECT coalesce(current_setting('chainmail.session', true), '')`
	)
	first, err := d.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer first.Close()
	mark := rand.Text()
	if _, err := first.ExecContext(ctx, set, mark); err != nil {
		return fmt.Errorf("mark a session: %w", err)
	}
	second, err := d.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // a standby is one too
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer second.Rollback()
	var others, own string
	if err := second.QueryRowContext(ctx, read).Scan(&others); err != nil {
		return fmt.Errorf("look for the mark: %w", err)
	}
	if others != mark { // else the first might wait for the only connection that there is
		if err := first.QueryRowContext(ctx, read).Scan(&own); err != nil {
			return fmt.Errorf("look for the mark: %w", err)
		}
	}
	if own != mark {
		return errPooled
	}
	return nil
}

// demandSame refuses a pooler that leads to another database than the direct address.
func (d *database) demandSame(ctx context.Context, pooled *sql.DB) error {
	const query = `
		SELECT c.system_identifier, d.oid::bigint
		FROM pg_control_system() AS c, pg_database AS d
		WHERE d.datname = current_database()`
	var systems, oids [2]int64
	for i, db := range []*sql.DB{pooled, d.db} {
		if err := db.QueryRowContext(ctx, query).Scan(&systems[i], &oids[i]); err != nil {
			return fmt.Errorf("compare the database's addresses: %w", err)
		}
	}
	if systems[0] != systems[1] || oids[0] != oids[1] {
		return errors.New("--database-url and --direct-database-url lead to two databases: give two addresses of one")
	}
	return nil
}
