package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"chainmail/eventstore"
	"chainmail/eventstore/localpg"
	"chainmail/migrations"
)

// database is the PostgreSQL that a command works on.
type database struct {
	dsn      string
	direct   string          // its own address, where dsn is a pooler's; else empty
	embedded *localpg.Server // nil for an outside database
	db       *sql.DB         // connections to the database itself
	logger   *slog.Logger
}

// preferTLS lets the driver go on without TLS where the server has none and the address doesn't
// demand it, as psql does: by itself it refuses.
func preferTLS() error {
	if os.Getenv("PGSSLMODE") != "" {
		return nil
	}
	return os.Setenv("PGSSLMODE", "prefer")
}

// check demands the address of a database where the embedded one is not allowed.
func (f *databaseFlags) check() error {
	if f.DatabaseURL == "" && !f.Embedded {
		return errors.New("no database: set --database-url (or DATABASE_URL), or allow the embedded one")
	}
	if f.DatabaseURL == "" && f.DirectDatabaseURL != "" {
		return errors.New("--direct-database-url is the own address of what --database-url leads to: set that too")
	}
	return nil
}

// connect finds the database, starting the embedded one if need be, and waits until it answers.
func (f *databaseFlags) connect(ctx context.Context, logger *slog.Logger) (*database, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	d := &database{dsn: f.DatabaseURL, direct: f.DirectDatabaseURL, logger: logger}
	if d.dsn == "" {
		dir, err := f.dir()
		if err != nil {
			return nil, err
		}
		args, err := keeperArgs(dir)
		if err != nil {
			return nil, err
		}
		if d.embedded, err = localpg.Use(ctx, dir, localpg.Options{Keeper: args, Logger: logger}); err != nil {
			return nil, err
		}
		d.dsn = d.embedded.DSN
	}
	if err := d.reach(ctx); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// own is the address of the database itself.
func (d *database) own() string { return cmp.Or(d.direct, d.dsn) }

// openLog opens the log.
func (d *database) openLog(ctx context.Context, logger *slog.Logger) (*eventstore.Log, error) {
	return eventstore.OpenBehind(ctx, d.dsn, d.direct, logger)
}

// reach waits until the database answers at all addresses, and demands that they are what they are said to be.
func (d *database) reach(ctx context.Context) (err error) {
	if d.db, err = open(ctx, d.own(), eventstore.OpenDB); err != nil {
		return err
	}
	if d.embedded != nil {
		return nil
	}
	if err := d.demandSessions(ctx); err != nil || d.direct == "" {
		return err
	}
	pooled, err := open(ctx, d.dsn, eventstore.OpenPooled)
	if err != nil {
		return err
	}
	return errors.Join(d.demandSame(ctx, pooled), pooled.Close())
}

// migrate brings the schema of the embedded database up to date, and demands it of an outside one.
func (d *database) migrate(ctx context.Context) error {
	if d.embedded != nil {
		return migrations.Up(ctx, d.db, d.logger)
	}
	pending, err := migrations.Pending(ctx, d.db)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("the schema lacks %d migrations: run 'chainmail migrate up'", len(pending))
	}
	return nil
}

// masked is the address with an outside database's password hidden.
func (d *database) masked() string {
	if d.embedded != nil {
		return d.dsn
	}
	return eventstore.Masked(d.dsn)
}

func (d *database) close() error {
	var errs []error
	if d.db != nil {
		errs = append(errs, d.db.Close())
	}
	if d.embedded != nil {
		errs = append(errs, d.embedded.Close())
	}
	return errors.Join(errs...)
}

// isTerminal reports whether w is a terminal, where a progress bar makes sense.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
