package migrations_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"chainmail/eventstore"
	"chainmail/migrations"
	"chainmail/migrations/pgtest"
)

// lines hands on what is logged. A line that nobody waits for is dropped.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default:
	}
	return len(line), nil
}

// longRead opens a transaction that has read messages as they are before 0004_guard.sql, and returns its database process.
func longRead(t *testing.T) (db *sql.DB, tx *sql.Tx, pid int) {
	t.Helper()
	db, err := eventstore.OpenDB(pgtest.Empty(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	provider, err := migrations.Embedded(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if tx, err = db.BeginTx(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	const read = `SELECT pg_backend_pid() + count(*) FROM messages`
	if err := tx.QueryRowContext(t.Context(), read).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	return db, tx, pid
}

// A migration of a table that somebody has open lets others read it meanwhile, says who it is, and is applied once he is done.
func TestAMigrationGivesWayToReaders(t *testing.T) {
	t.Parallel()
	db, long, pid := longRead(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	told, done := make(lines), make(chan error, 1)
	go func() { done <- migrations.UpEmbedded(ctx, db, patience, slog.New(slog.NewTextHandler(told, nil))) }()
	for named := false; !named; {
		select {
		case line := <-told:
			named = strings.Contains(line, fmt.Sprint(pid))
		case err := <-done:
			t.Fatalf("migrated while the table was held: %v", err)
		}
		var n int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM messages`).Scan(&n); err != nil {
			t.Fatalf("a read during the migration: %v", err)
		}
	}
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if left, err := migrations.Pending(t.Context(), db); err != nil || len(left) != 0 {
		t.Errorf("pending: %v, %v, want none", left, err)
	}
	wantNoBound(t, db)
}

// It does not try for ever. What it says then tells what to do, and it has changed nothing.
func TestAMigrationGivesUp(t *testing.T) {
	t.Parallel()
	db, long, _ := longRead(t)
	err := migrations.UpEmbedded(t.Context(), db, time.Millisecond, silent)
	if err == nil || !strings.Contains(err.Error(), "let them end, or end them, and migrate again") {
		t.Errorf("got %v, want what to do", err)
	}
	left, err := migrations.Pending(t.Context(), db)
	if err != nil || len(left) == 0 || left[0].Version != 4 {
		t.Errorf("pending: %v, %v, want 4 first", left, err)
	}
	wantNoBound(t, db)
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := migrations.Up(t.Context(), db, silent); err != nil {
		t.Error(err)
	}
}

// wantNoBound demands that no connection of the pool was left with a bound on its wait for locks.
func wantNoBound(t *testing.T, db *sql.DB) {
	t.Helper()
	for range db.Stats().Idle {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var bound string
		if err := conn.QueryRowContext(t.Context(), `SHOW lock_timeout`).Scan(&bound); err != nil || bound != "0" {
			t.Errorf("lock_timeout: got %q, %v, want 0", bound, err)
		}
	}
}
