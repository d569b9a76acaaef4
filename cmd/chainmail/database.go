package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/lib/pq"

	"chainmail/eventstore"
	"chainmail/eventstore/localpg"
	"chainmail/migrations"
)

// reachTimeout is how long a command waits for a database that does not answer.
const reachTimeout = 30 * time.Second

// database is the PostgreSQL that a command works on.
type database struct {
	dsn      string
	embedded *localpg.Server // nil for an outside database
	db       *sql.DB
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
	return nil
}

// connect finds the database, starting the embedded one if need be, and waits until it answers.
func (f *databaseFlags) connect(ctx context.Context, logger *slog.Logger) (*database, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	d := &database{dsn: f.DatabaseURL, logger: logger}
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

func (d *database) reach(ctx context.Context) error {
	var err error
	if d.db, err = eventstore.OpenDB(d.dsn); err != nil {
		// The error quotes the address, password and all.
		return errors.New("the database address cannot be read: give one like postgres://user:password@host/database")
	}
	deadline := time.Now().Add(reachTimeout)
	for {
		attempt, cancel := context.WithDeadline(ctx, deadline)
		err = d.db.PingContext(attempt)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the database at %s does not answer: %w", d.masked(), err)
		}
	}
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
	if u, err := url.Parse(d.dsn); err == nil && u.Scheme != "" {
		query := u.Query()
		for _, secret := range []string{"password", "sslpassword"} {
			if query.Has(secret) {
				query.Set(secret, "xxxxx")
				u.RawQuery = query.Encode()
			}
		}
		return u.Redacted()
	}
	config, err := pq.NewConfig(d.dsn)
	if err != nil {
		return "an address that cannot be read"
	}
	user := url.User(config.User)
	if config.Password != "" {
		user = url.UserPassword(config.User, config.Password)
	}
	u := url.URL{
		Scheme: "postgres", User: user,
		Host: net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), Path: config.Database,
	}
	return u.Redacted()
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
