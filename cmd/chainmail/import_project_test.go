package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// stored imports the fixture without its projections.
func stored(t *testing.T) (*importing, *pgtest.DB, domain.Position) {
	t.Helper()
	db := pgtest.New(t)
	pool, err := eventstore.OpenDB(db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	file, err := audit.OpenFile(fixture)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	bar := newProgress(io.Discard)
	i := &importing{source: fileSource{file}, progress: bar, reading: tenths{bar: bar}, began: time.Now()}
	head, err := i.run(t.Context(), pool, audit.Options{}, streams{io.Discard, io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return i, db, head
}

// What goes wrong is told alone, without the end of what ran beside it.
func TestProjectionOfAnImportFails(t *testing.T) {
	t.Parallel()
	i, db, head := stored(t)
	if _, err := db.SQL.Exec(`DROP TABLE messages CASCADE`); err != nil {
		t.Fatal(err)
	}
	err := i.project(t.Context(), db.DSN, head, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), `"messages"`) || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// An interrupt ends an import at whatever it does last.
func TestImportIsInterruptedAtItsEnd(t *testing.T) {
	t.Parallel()
	i, db, head := stored(t)
	if _, err := db.SQL.Exec(`CREATE TABLE others (name text)`); err != nil {
		t.Fatal(err)
	}
	lock, err := db.SQL.Begin() // ANALYZE waits for it
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback()
	if _, err := lock.Exec(`LOCK TABLE others IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan error, 1)
	go func() { ended <- i.project(ctx, db.DSN, head, slog.New(slog.DiscardHandler)) }()
	eventually(t, "ANALYZE waits", func() bool {
		var waiting bool
		err := lock.QueryRow(`SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'others'::regclass AND NOT granted)`).Scan(&waiting)
		return err == nil && waiting
	})
	interrupt()
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "analyse what was imported") {
			t.Errorf("got %v", err)
		}
	case <-time.After(patience):
		t.Error("it goes on")
		_ = lock.Rollback()
		<-ended
	}
}
