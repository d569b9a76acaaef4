package localpg_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"chainmail/eventstore/localpg"
)

func TestDataAreKeptBetweenRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	execute(t, first.DSN, `CREATE TABLE kept AS SELECT 1`)
	pid := postmaster(dir)
	wantStopped(t, dir, closeUse(t, first))
	awaitEnd(t, pid)
	second := start(t, dir)
	if got := count(t, second.DSN); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
	if first.DSN != second.DSN {
		t.Errorf("address: got %s, want %s as before", second.DSN, first.DSN)
	}
}

func TestDatabaseIsDurableAndClosedToOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"listen_addresses": "", "unix_socket_permissions": "0700",
		"server_encoding": "UTF8", "TimeZone": "UTC",
	} {
		if got := show(t, server.DSN, setting); got != want {
			t.Errorf("%s: got %q, want %q", setting, got, want)
		}
	}
	execute(t, server.DSN, `CREATE TABLE kept AS
		SELECT 1
		FROM pg_database
		WHERE datname = current_database() AND datcollate = 'C' AND datctype = 'C'`)
	if got := count(t, server.DSN); got != 1 {
		t.Error("locale: got another, want C")
	}
	for _, name := range []string{filepath.Join(dir, "postgres/data"), socketFolder(t, server.DSN)} {
		info, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o700 {
			t.Errorf("%s: got %v, want mode 0700", name, info.Mode())
		}
	}
}

func TestManyStartAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var group sync.WaitGroup
	var gaveUp atomic.Bool
	for range 8 {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			server, err := localpg.Use(ctx, dir, options(dir))
			if err != nil {
				t.Error(err)
				return
			}
			if closeUse(t, server) {
				gaveUp.Store(true)
			}
		})
	}
	group.Wait()
	wantStopped(t, dir, gaveUp.Load())
}

// A child has its parent's files, and with them his locks, until it runs its own program: it is not another user.
func TestCloseWhileProcessesStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := exec.Command("true").Run(); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wantStopped(t, dir, closeUse(t, server))
	close(done)
	group.Wait()
}

func TestUsersComeAndGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// Each arrives while the one before may be stopping the server.
	for range 10 {
		server := start(t, dir)
		execute(t, server.DSN, `CREATE TABLE IF NOT EXISTS kept (id integer)`)
		go server.Close() // waited for by the test's own Close
	}
}

func TestServerOutlivesTheUserWhoStartedIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	starter := startUser(t, dir)
	server := start(t, dir)
	pid := postmaster(dir)
	if err := starter.leave(); err != nil {
		t.Fatal(err)
	}
	execute(t, server.DSN, `CREATE TABLE kept (id integer)`)
	if got := postmaster(dir); got != pid {
		t.Errorf("postmaster: got %d, want %d as before", got, pid)
	}
}

func TestPathsWithSpacesAndLongOnes(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]string{
		"spaces and quotes": `it's a "folder" % \ é`,
		"long":              strings.Repeat("0123456789/", 15),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), part)
			first := start(t, dir)
			execute(t, first.DSN, `CREATE TABLE kept AS SELECT 1`)
			sockets := socketFolder(t, first.DSN)
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(sockets, "/tmp/chainmail-") {
				if _, err := os.Stat(sockets); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("folder of the socket after the end: got %v, want none", err)
				}
			}
			second := start(t, dir)
			if got := count(t, second.DSN); got != 1 || first.DSN != second.DSN {
				t.Errorf("got %d rows at %s, want 1 at %s", got, second.DSN, first.DSN)
			}
		})
	}
}

func socketFolder(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("host")
}

func TestOtherMajorVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "postgres/data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := localpg.Use(t.Context(), dir, options(dir))
	if err == nil || !strings.Contains(err.Error(), "the data directory needs 9") {
		t.Errorf("got %v, want an error that names the version", err)
	}
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err != nil {
		t.Error(err)
	}
}

func TestContextBoundsTheWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if _, err := localpg.Use(ctx, dir, options(dir)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	eventually(t, "end of the keeper", func() error { return keeperGone(dir) })
}
