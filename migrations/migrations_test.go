package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"chainmail/migrations"
	"chainmail/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	first  = "-- +goose Up\nCREATE TABLE first (id integer);\n-- +goose Down\nDROP TABLE first;\n"
	second = "-- +goose Up\nINSERT INTO first VALUES (1);\n-- +goose Down\nDELETE FROM first;\n"
	broken = "-- +goose Up\nINSERT INTO first VALUES (2);\nSELECT 1 / 0;\n-- +goose Down\nSELECT 1;\n"
)

// patience is as long as a test may take.
const patience = 3 * time.Minute

var silent = slog.New(slog.DiscardHandler)

func files(texts ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i, text := range texts {
		fsys[[]string{"0001_first.sql", "0002_second.sql", "0003_third.sql"}[i]] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestUpAppliesWhatIsPending(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t).SQL
	for _, step := range []struct {
		files fs.FS
		rows  int
	}{
		{files(first), 0},
		{files(first, second), 1},
		{files(first, second), 1},
	} {
		if err := migrations.UpFiles(t.Context(), db, step.files, patience, silent); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, db); got != step.rows {
			t.Errorf("rows: got %d, want %d", got, step.rows)
		}
	}
}

func TestManyServersAtOnce(t *testing.T) {
	t.Parallel()
	test := pgtest.Empty(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			db, err := sql.Open("postgres", test.DSN)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := migrations.UpFiles(t.Context(), db, files(first, second), patience, silent); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := rows(t, test.SQL); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
}

func TestABrokenFileLeavesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t).SQL
	err := migrations.UpFiles(t.Context(), db, files(first, second, broken), patience, silent)
	if err == nil || !strings.Contains(err.Error(), "division by zero") {
		t.Errorf("got %v, want division by zero", err)
	}
	if got := rows(t, db); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
	left, err := migrations.PendingFiles(t.Context(), db, files(first, second, broken))
	if err != nil || len(left) != 1 || left[0].Name != "0003_third.sql" || left[0].Version != 3 {
		t.Errorf("pending: got %v, %v, want the third", left, err)
	}
	// The lock was given back: the next one does not wait.
	if err := migrations.UpFiles(t.Context(), db, files(first, second), patience, silent); err != nil {
		t.Error(err)
	}
}

func TestStatusChangesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t).SQL
	got, err := migrations.StatusFiles(t.Context(), db, files(first, second))
	if err != nil || len(got) != 2 || !got[0].AppliedAt.IsZero() || got[1].Name != "0002_second.sql" {
		t.Errorf("got %v, %v, want two pending", got, err)
	}
	var tables int
	const query = `SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace`
	if err := db.QueryRowContext(t.Context(), query).Scan(&tables); err != nil || tables != 0 {
		t.Errorf("tables: got %d, %v, want none", tables, err)
	}
	if err := migrations.UpFiles(t.Context(), db, files(first), patience, silent); err != nil {
		t.Fatal(err)
	}
	got, err = migrations.StatusFiles(t.Context(), db, files(first, second))
	if err != nil || len(got) != 2 || got[0].AppliedAt.IsZero() || !got[1].AppliedAt.IsZero() {
		t.Errorf("got %v, %v, want one of two applied", got, err)
	}
}

func TestUpWaitsForTheLockNoLongerThanAsked(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t).SQL
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const lock = `SELECT pg_advisory_lock($1)`
	if _, err := conn.ExecContext(t.Context(), lock, int64(0x636861696e6d6967)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- migrations.UpFiles(ctx, db, files(first), patience, silent) }()
	for asks := false; !asks; time.Sleep(time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		const query = `
			SELECT EXISTS (
				SELECT
				FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pg_try_advisory_lock%')`
		if err := db.QueryRowContext(t.Context(), query).Scan(&asks); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestOneConnectionIsTooFew(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t).SQL
	db.SetMaxOpenConns(1)
	if err := migrations.UpFiles(t.Context(), db, files(first), patience, silent); err == nil {
		t.Error("got no error, want one instead of a wait without end")
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	all := map[string]bool{}
	for _, fsys := range []fs.FS{files(first), files(second), files(first, second), files(first, broken), files(first)} {
		all[migrations.DigestFiles(fsys)] = true
	}
	if len(all) != 4 {
		t.Errorf("digests: got %d, want 4 of 4 different sets", len(all))
	}
}

// All the files that are there apply, from nothing, in one go.
func TestEmbeddedFiles(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t).SQL
	if err := migrations.Up(t.Context(), db, silent); err != nil {
		t.Fatal(err)
	}
	all, err := migrations.Status(t.Context(), db)
	if err != nil || len(all) == 0 {
		t.Fatalf("got %v, %v, want at least one", all, err)
	}
	for i, m := range all {
		if m.Version != int64(i+1) || m.AppliedAt.IsZero() {
			t.Errorf("migration %d: got %+v, want it numbered so and applied", i+1, m)
		}
	}
}

func rows(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM first`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
