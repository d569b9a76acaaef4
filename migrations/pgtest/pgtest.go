// Package pgtest gives each test a database of its own, migrated or empty, so that tests run in
// parallel on a real PostgreSQL and see nothing of one another.
//
// The server is the one at TEST_DATABASE_URL. Without it the first test of a process starts one,
// which [Main] stops; without Main it stops with the process. Where PostgreSQL can't start, tests
// fail.
package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	// The driver behind every DSN of this package too.
	"github.com/lib/pq"
)

// DB is a database that belongs to one test.
type DB struct {
	// DSN is its address for lib/pq; [DB.With] adds parameters.
	DSN string
	// SQL is a pool of connections to it, closed when the test ends.
	SQL *sql.DB
}

// New returns a database with all migrations applied. It is dropped when the test has passed; of a
// test that failed it is kept for a look, as long as its server lives.
func New(t testing.TB) *DB {
	t.Helper()
	return NewOn(t, mustServer(t))
}

// NewOn is New on the server that a DSN leads to, for what takes more than one.
func NewOn(t testing.TB, server string) *DB {
	t.Helper()
	template, err := ensureTemplate(t.Context(), server)
	if err != nil {
		t.Fatalf("make the template database: %v", err)
	}
	return create(t, server, template, "UTF8")
}

// Empty returns a database with nothing in it, and else like New's.
func Empty(t testing.TB) *DB {
	t.Helper()
	return create(t, mustServer(t), "template0", "UTF8")
}

// Latin1 is Empty in an encoding that does not have all characters.
func Latin1(t testing.TB) *DB {
	t.Helper()
	return create(t, mustServer(t), "template0", "LATIN1")
}

// With returns the DSN with a connection parameter added, such as binary_parameters=yes.
func (db *DB) With(name, value string) string {
	if !isURL(db.DSN) {
		return db.DSN + " " + name + "='" + value + "'"
	}
	separator := "?"
	if strings.Contains(db.DSN, "?") {
		separator = "&"
	}
	return db.DSN + separator + url.Values{name: {value}}.Encode()
}

// create copies the template. Copying files is twice as fast here as the default, which writes
// every page to the WAL.
func create(t testing.TB, server, template, encoding string) *DB {
	t.Helper()
	name := "test_" + randomName()
	// The names are ours: letters, digits and underscores.
	const form = `CREATE DATABASE %s
		TEMPLATE %s LOCALE_PROVIDER libc LOCALE 'C' ENCODING '%s' STRATEGY FILE_COPY`
	statement := fmt.Sprintf(form, name, template, encoding)
	if err := execute(t.Context(), server, statement); err != nil {
		t.Fatalf("create database: %v", err)
	}
	dsn, err := withDatabase(server, name)
	if err != nil {
		t.Fatalf("parse %s: %v", serverVariable, err)
	}
	pool, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() {
		_ = pool.Close()
		if t.Failed() {
			t.Logf("database kept: %s", dsn)
			return
		}
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		if err := drop(ctx, server, name); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return &DB{DSN: dsn, SQL: pool}
}

// drop ends whoever is connected to a database, and removes it. PostgreSQL waits 5 s for those whom it has told to go, which on a
// busy machine may not be enough.
func drop(ctx context.Context, server, name string) error {
	for {
		err := execute(ctx, server, fmt.Sprintf(`DROP DATABASE %s WITH (FORCE)`, name))
		var failure *pq.Error
		if !errors.As(err, &failure) || failure.Code.Name() != "object_in_use" {
			return err
		}
	}
}

func randomName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

func execute(ctx context.Context, dsn, statement string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statement)
	return err
}

func isURL(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// withDatabase returns the DSN of another database on the same server.
func withDatabase(dsn, name string) (string, error) {
	if !isURL(dsn) {
		return dsn + " dbname=" + name, nil // the last one counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
