package localpg_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"chainmail/eventstore/localpg"
)

func TestKilledUser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	u := startUser(t, dir)
	execute(t, u.dsn, `CREATE TABLE kept AS SELECT 1`)
	pid := postmaster(dir)
	u.kill()
	awaitEnd(t, pid)
	if got := count(t, start(t, dir).DSN); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
}

func TestKilledUserWhileAnotherStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	u := startUser(t, dir)
	server := start(t, dir)
	pid := postmaster(dir)
	u.kill()
	execute(t, server.DSN, `CREATE TABLE kept AS SELECT 1`)
	if got := postmaster(dir); got != pid {
		t.Errorf("postmaster: got %d, want %d as before", got, pid)
	}
}

func TestKilledKeeperIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	execute(t, server.DSN, `CREATE TABLE kept AS SELECT 1`)
	before := postmaster(dir)
	kill(t, keeper(t, dir))
	awaitEnd(t, before)
	if got := count(t, server.DSN); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
	if got := postmaster(dir); got == before {
		t.Errorf("postmaster: got %d as before, want another", got)
	}
}

// Who comes while the server cannot be started again is told why, and does not wait for ever. Once it can, all is well.
func TestServerThatCannotStartAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	execute(t, server.DSN, `CREATE TABLE kept AS SELECT 1`)
	control := filepath.Join(dir, "postgres/data/global/pg_control")
	if err := os.Rename(control, control+".away"); err != nil {
		t.Fatal(err)
	}
	kill(t, postmaster(dir))
	eventually(t, "the keeper tells of a start that failed", func() error {
		_, err := os.Stat(filepath.Join(dir, "postgres/failed"))
		return err
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if second, err := localpg.Use(ctx, dir, options(dir)); err == nil {
		second.Close()
		t.Error("a server that cannot be started was in use")
	} else if !strings.Contains(err.Error(), "pg_control") {
		t.Errorf("got %v, want what is missing", err)
	}
	if err := os.Rename(control+".away", control); err != nil {
		t.Fatal(err)
	}
	if got := count(t, server.DSN); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
	start(t, dir)
}

func TestKilledKeeperWithNobodyLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	u := startUser(t, dir)
	execute(t, u.dsn, `CREATE TABLE kept AS SELECT 1`)
	pid, parent := postmaster(dir), keeper(t, dir)
	u.kill()
	_ = syscall.Kill(parent, syscall.SIGKILL) // it may have ended already
	awaitEnd(t, pid)
	if got := count(t, start(t, dir).DSN); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
}

func TestSignalsDoNotEndAKeeperInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	pid := postmaster(dir)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if err := syscall.Kill(keeper(t, dir), s); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, server.DSN, `CREATE TABLE kept AS SELECT 1`)
	if got := postmaster(dir); got != pid {
		t.Errorf("postmaster: got %d, want %d as before", got, pid)
	}
}

func TestKilledPostmasterIsRestarted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	execute(t, server.DSN, `CREATE TABLE kept AS SELECT 1`)
	kill(t, postmaster(dir))
	if got := count(t, server.DSN); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
}

// A backend that is busy does not notice that its postmaster is gone, and its hold on the shared
// memory stops the next one.
func TestBusyBackendOfAKilledPostmaster(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	backend := startLoop(t, server.DSN)
	kill(t, postmaster(dir))
	execute(t, server.DSN, `CREATE TABLE kept AS SELECT 1`)
	awaitEnd(t, backend)
}

func TestBusyBackendAfterEverythingElseWasKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	u := startUser(t, dir)
	execute(t, u.dsn, `CREATE TABLE kept AS SELECT 1`)
	backend := startLoop(t, u.dsn)
	killEverything(t, dir, u)
	if got := count(t, start(t, dir).DSN); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
	awaitEnd(t, backend)
}

// killEverything kills a user, the keeper and the postmaster, whose pid it returns, as at one moment: nobody can stop or replace
// another in between.
func killEverything(t *testing.T, dir string, u *user) int {
	t.Helper()
	server, parent := postmaster(dir), keeper(t, dir)
	for _, pid := range []int{u.cmd.Process.Pid, parent} {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	for _, pid := range []int{server, parent} {
		kill(t, pid)
	}
	u.kill()
	return server
}

// startLoop makes a backend compute until it is killed, and returns its pid.
func startLoop(t *testing.T, dsn string) (pid int) {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRowContext(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	// The context would cancel the statement on a connection that is gone with its server.
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = conn.ExecContext(context.Background(), `DO $$ BEGIN LOOP END LOOP; END $$`)
	}()
	t.Cleanup(func() {
		<-ended
		_ = conn.Close()
		_ = db.Close()
	})
	eventually(t, "busy backend", func() error {
		var state string
		const query = `SELECT state FROM pg_stat_activity WHERE pid = $1 AND query LIKE 'DO%'`
		if err := db.QueryRowContext(t.Context(), query, pid).Scan(&state); err != nil {
			return err
		}
		if state != "active" {
			return errors.New(state)
		}
		return nil
	})
	return pid
}

func TestPidOfAnotherProcessInPidFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	u := startUser(t, dir)
	execute(t, u.dsn, `CREATE TABLE kept AS SELECT 1`)
	file := filepath.Join(dir, "postgres/data/postmaster.pid")
	server := killEverything(t, dir, u)
	awaitEnd(t, server)
	// PostgreSQL fears only processes of its own user.
	info, err := os.Stat(filepath.Join(dir, "postgres/data"))
	if err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command("sleep", "600")
	stranger.Dir = "/"
	if os.Geteuid() == 0 {
		owner := info.Sys().(*syscall.Stat_t)
		stranger.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Wait() }()
	defer func() { _ = stranger.Process.Kill() }()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "\n")
	if err := os.WriteFile(file, []byte(strconv.Itoa(stranger.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := count(t, start(t, dir).DSN); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the stranger: got %v, want him alive", err)
	}
}
