// Package migrations holds the database's schema as numbered SQL files and applies them.
//
// A file that was released is never edited: a change is a new file. Each runs in one transaction
// with the note that it ran, so that a schema is never half migrated.
package migrations

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed *.sql
var files embed.FS

// Migration is one file and whether the database has it.
type Migration struct {
	Version   int64
	Name      string    // the file's
	AppliedAt time.Time // zero while it is pending
}

// Up applies what is pending. Several servers may call it at once: one works and the others wait
// for it. It needs two connections of the pool. While somebody holds a table that is to be changed it tries again and again,
// for some minutes; logger is told who that is. A database that can't hold the schema is left as it is. It never keeps readers of the table waiting for more than 2 s at a time.
func Up(ctx context.Context, db *sql.DB, logger *slog.Logger) error {
	usual := patience{lock: 2 * time.Second, firstPause: 500 * time.Millisecond, lastPause: 10 * time.Second, limit: 5 * time.Minute}
	return up(ctx, db, files, usual, logger)
}

// Status lists all migrations in order. It changes nothing in the database, an empty one included.
func Status(ctx context.Context, db *sql.DB) ([]Migration, error) { return status(ctx, db, files) }

// Pending lists the migrations that Up would apply, in order. It changes nothing.
func Pending(ctx context.Context, db *sql.DB) ([]Migration, error) { return pending(ctx, db, files) }

// Digest names this set of migrations: it is another one as soon as a byte of a file's name or text
// is.
func Digest() string { return digest(files) }

func up(ctx context.Context, db *sql.DB, fsys fs.FS, p patience, logger *slog.Logger) (err error) {
	if db.Stats().MaxOpenConnections == 1 {
		return errors.New("migrate: the pool allows one connection, and two are needed")
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer conn.Close()
	if err := demandFit(ctx, conn); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	unlock, err := lock(ctx, conn)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	session := &session{lock: p.lock}
	provider, err := newProvider(db, fsys, goose.WithSessionLocker(session))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := p.apply(ctx, conn, provider, session, logger); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func status(ctx context.Context, db *sql.DB, fsys fs.FS) ([]Migration, error) {
	provider, err := newProvider(db, fsys)
	if err != nil {
		return nil, fmt.Errorf("read migration status: %w", err)
	}
	const query = `SELECT to_regclass('goose_db_version') IS NOT NULL`
	var started bool
	if err := db.QueryRowContext(ctx, query).Scan(&started); err != nil {
		return nil, fmt.Errorf("read migration status: %w", err)
	}
	var all []Migration
	if !started {
		// goose would make its table to have something to read.
		for _, source := range provider.ListSources() {
			all = append(all, Migration{Version: source.Version, Name: path.Base(source.Path)})
		}
		return all, nil
	}
	results, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read migration status: %w", err)
	}
	for _, r := range results {
		all = append(all, Migration{Version: r.Source.Version, Name: path.Base(r.Source.Path), AppliedAt: r.AppliedAt})
	}
	return all, nil
}

func pending(ctx context.Context, db *sql.DB, fsys fs.FS) ([]Migration, error) {
	all, err := status(ctx, db, fsys)
	if err != nil {
		return nil, err
	}
	var left []Migration
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			left = append(left, m)
		}
	}
	return left, nil
}

func digest(fsys fs.FS) string {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		panic(err) // a constant pattern
	}
	h := sha256.New()
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			panic(err) // embedded
		}
		fmt.Fprintf(h, "%s\x00%d\x00%s", name, len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// newProvider makes a goose that knows these files alone. Provider.Close would close the pool,
// which is the caller's.
func newProvider(db *sql.DB, fsys fs.FS, options ...goose.ProviderOption) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectPostgres, db, fsys, append(options, goose.WithDisableGlobalRegistry(true))...)
}
