package main

import (
	"database/sql"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// aside copies a test's database, to which nobody is connected, as a backup of it. It is gone with the test.
func aside(t testing.TB, db *pgtest.DB) (dsn string) {
	t.Helper()
	db.SQL.SetMaxIdleConns(0) // else they count as somebody
	u, err := url.Parse(db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	maintenance, err := sql.Open("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	backup := name + "_backup" // both names are ours
	eventually(t, "the database is copied", func() bool {
		_, err = maintenance.Exec(`CREATE DATABASE ` + backup + ` TEMPLATE ` + name + ` STRATEGY FILE_COPY`)
		return err == nil
	})
	t.Cleanup(func() {
		_, _ = maintenance.Exec(`DROP DATABASE ` + backup + ` WITH (FORCE)`)
		_ = maintenance.Close()
	})
	u.Path = "/" + backup
	return u.String()
}

// awaitKept waits until a server has kept the latest checkpoint of a log to which nothing is appended, and returns it.
func (m *machine) awaitKept(db *sql.DB, file string) (signed string) {
	m.t.Helper()
	sealed := awaitSeal(m.t, db)
	eventually(m.t, "the latest checkpoint is kept", func() bool {
		raw, err := os.ReadFile(file)
		signed = string(raw)
		return err == nil && signed == sealed
	})
	return signed
}

func (m *machine) shown(status int) (shown shownCheckpoint) {
	m.t.Helper()
	stdout, stderr, got := m.run("checkpoint", "show", "--json")
	if err := json.Unmarshal([]byte(stdout), &shown); err != nil || got != status {
		m.t.Fatalf("checkpoint show: status %d, want %d\n%s%s", got, status, stdout, stderr)
	}
	return shown
}

var quickSeals = []string{"--listen", "127.0.0.1:0", "--batch-interval", "20ms"}

// A server whose database was restored from an old backup says so, appends nothing and serves what there is, restarts or not, until
// an operator accepts the log as it is.
func TestRestoredBackup(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	dir := t.TempDir()
	on := func(dsn string) *machine {
		return newMachine(t, dir, "CHAINMAIL_DATABASE_URL="+dsn, "CHAINMAIL_JWT_SECRET="+testSecret)
	}
	file := filepath.Join(dir, "checkpoint")
	m := on(db.DSN)
	s := m.serve(quickSeals...)
	alice, bob := m.must("user", "add", "Alice"), m.must("user", "add", "Bob")
	tokenA, tokenB := m.must("token", alice), m.must("token", bob)
	exchange(t, s.connect(tokenA), s.connect(tokenB), alice, bob)
	older := m.awaitKept(db.SQL, file)
	s.stop()
	backup := aside(t, db)
	s = m.serve(quickSeals...)
	exchange(t, s.connect(tokenA), s.connect(tokenB), alice, bob)
	newer := m.awaitKept(db.SQL, file)
	if _, served := s.get("/checkpoint"); newer == older || newer != served {
		t.Fatalf("kept\n%s\nafter\n%s\nand served\n%s", newer, older, served)
	}
	if shown := m.shown(0); !shown.Contained || shown.Kept != newer || shown.Log != newer {
		t.Errorf("got %+v, want it contained", shown)
	}
	s.stop()

	restored := on(backup)
	s = restored.serve(quickSeals...)
	restored.checkDoubt(s, tokenA, bob)
	s.stop()
	before := restored.shown(1)
	if before.Kept != newer || before.Log != older || before.KeptTreeSize <= before.LogPosition || !strings.Contains(before.Problem, "events, and had") {
		t.Errorf("got %+v, want what was kept and what the backup has", before)
	}
	if stdout, _, status := restored.run("replay", "--checkpoint", file); status != 1 || !strings.Contains(stdout, "checkpoint") {
		t.Errorf("replay with the kept checkpoint: status %d\n%s", status, stdout)
	}

	s = restored.serve(quickSeals...) // a restart changes nothing
	s.awaitReady(503, `"status":"unready"`)
	if got := restored.must("checkpoint", "accept"); !strings.Contains(got, "restart the servers") || !strings.Contains(got, "lost ") {
		t.Errorf("accept says\n%s", got)
	}
	s.awaitReady(503, `"status":"unready"`) // it has no way of knowing
	s.stop()
	if names, err := filepath.Glob(file + ".[0-9]*"); err != nil || len(names) != 1 || readFile(t, names[0]) != newer {
		t.Errorf("set aside: %v, %v, want the one that was kept", names, err)
	}
	if got := readFile(t, file); got != older {
		t.Errorf("kept\n%s\nwant the log's own\n%s", got, older)
	}
	s = restored.serve(quickSeals...)
	s.awaitReady(200, `"status":"ready"`)
	exchange(t, s.connect(tokenA), s.connect(tokenB), alice, bob)
	restored.must("replay", "--checkpoint", file)
	if got := restored.must("checkpoint", "accept"); !strings.Contains(got, "nothing to accept") {
		t.Errorf("accept says\n%s", got)
	}
}

// checkDoubt checks what a server does whose log lacks what was seen of it.
func (m *machine) checkDoubt(s *served, token, receiver string) {
	m.t.Helper()
	s.awaitReady(503, "run 'chainmail checkpoint show'")
	c := s.connect(token)
	c.say(receiver, "lost", "is anybody there?")
	if f := c.await("error"); f.Code != "unavailable" {
		m.t.Errorf("a send: got %+v, want unavailable", f)
	}
	eventually(m.t, "reads are served", func() bool {
		status, body := s.ask(token, "GET", "/api/conversations", "", "")
		return status == 200 && strings.Contains(body, receiver)
	})
	if got := s.metric("chainmail_log_cut_short"); got != 1 {
		m.t.Errorf("chainmail_log_cut_short: got %v, want 1", got)
	}
	stdout, _, status := m.run("doctor")
	if status != 1 || !strings.Contains(stdout, "\ncheckpoint ") || !strings.Contains(stdout, "chainmail checkpoint accept") {
		m.t.Errorf("doctor: status %d\n%s", status, stdout)
	}
	if _, stderr, status := m.run("user", "add", "Carol"); status != 1 || !strings.Contains(stderr, "nothing is appended until an operator decides") {
		m.t.Errorf("user add: status %d\n%s", status, stderr)
	}
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// A log that was kept is never begun anew by itself, nor is another taken for it.
func TestAnotherLog(t *testing.T) {
	t.Parallel()
	db, other, empty := pgtest.New(t), pgtest.New(t), pgtest.New(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "kept", "here")
	on := func(dsn string) *machine {
		return newMachine(t, dir, "CHAINMAIL_DATABASE_URL="+dsn, "CHAINMAIL_JWT_SECRET="+testSecret, "CHAINMAIL_CHECKPOINT_FILE="+file)
	}
	m := on(db.DSN)
	s := m.serve(quickSeals...)
	m.must("user", "add", "Alice")
	m.awaitKept(db.SQL, file)
	s.stop()
	_, stderr, status := on(empty.DSN).run("serve", "--listen", "127.0.0.1:0")
	if status != 1 || !strings.Contains(stderr, "the log is empty, and had") {
		t.Errorf("an empty log: status %d\n%s", status, stderr)
	}
	onDatabase(t, other.DSN).must("user", "add", "Bob")
	s = on(other.DSN).serve(quickSeals...)
	s.awaitReady(503, "this is another log")
	s.stop()
	s = m.serve(quickSeals...)
	s.awaitReady(200, `"status":"ready"`)
}

// Where nothing can be kept the server says so once, and serves.
func TestCheckpointCannotBeKept(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "no folder"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := newMachine(t, dir, "CHAINMAIL_DATABASE_URL="+db.DSN, "CHAINMAIL_JWT_SECRET="+testSecret,
		"CHAINMAIL_CHECKPOINT_FILE="+filepath.Join(dir, "no folder", "checkpoint"))
	s := m.serve(quickSeals...)
	m.must("user", "add", "Alice")
	awaitSeal(t, db.SQL)
	const warning = "checkpoint is not kept"
	eventually(t, "the server warns", func() bool { return strings.Contains(s.said(), warning) })
	s.awaitReady(200, `"status":"ready"`)
	if got := s.metric("chainmail_checkpoint_kept_tree_size"); got != 0 {
		t.Errorf("chainmail_checkpoint_kept_tree_size: got %v, want 0", got)
	}
	s.stop()
	if got := strings.Count(s.said(), warning); got != 1 {
		t.Errorf("it warned %d times", got)
	}
}
