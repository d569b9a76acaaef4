package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// postmaster returns the pid of a data directory's PostgreSQL, 0 while there is none.
func postmaster(dir string) int {
	content, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		return 0
	}
	return pid
}

// keeperOf returns the pid of PostgreSQL's parent, 0 if it has none any more.
func keeperOf(postmaster int) int {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(postmaster), "stat"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0
	}
	pid, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return pid
}

func killProcess(t testing.TB, pid int) {
	t.Helper()
	if pid <= 1 {
		t.Fatalf("kill %d: no such process", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}

// killAndAwait kills PostgreSQL's process, or its keeper's, and waits until another PostgreSQL is there.
func killAndAwait(t testing.TB, dir string, pid int) {
	t.Helper()
	before := postmaster(dir)
	killProcess(t, pid)
	eventually(t, "another PostgreSQL", func() bool { p := postmaster(dir); return p != 0 && p != before })
}

// Whatever is killed, what is left mends itself, and the next start finds everything.
func TestEmbeddedDatabaseSurvivesKills(t *testing.T) {
	t.Parallel()
	dir := embeddedDir(t)
	m := newMachine(t, dir)
	alice := m.must("user", "add", "Alice")
	s := m.serve("--listen", "127.0.0.1:0")
	bob := m.must("user", "add", "Bob") // on the server's database
	tokenA, tokenB := m.must("token", alice), m.must("token", bob)
	a := s.connect(tokenA)
	a.say(bob, "1", "first")
	first := a.await("message_sent")

	s.kill()
	s = m.serve("--listen", "127.0.0.1:0")
	s.awaitReady(200, `"status":"ready"`)
	a = s.connect(tokenA)
	a.say(bob, "1", "first")
	if got := a.await("message_sent"); !got.Duplicate || got.MessageID != first.MessageID {
		t.Errorf("after a kill of serve: got %+v, want a repeat of %s", got, first.MessageID)
	}

	killAndAwait(t, dir, postmaster(dir))
	s.awaitReady(200, `"status":"ready"`)
	killAndAwait(t, dir, keeperOf(postmaster(dir)))
	s.awaitReady(200, `"status":"ready"`)
	m.must("user", "add", "Carol")

	pid := postmaster(dir)
	killProcess(t, keeperOf(pid))
	_ = syscall.Kill(pid, syscall.SIGKILL) // it may have followed its keeper
	s.kill()
	if got := m.must("user", "list"); strings.Count(got, "\n") != 3 {
		t.Errorf("after a kill of all: got\n%s\nwant Alice, Bob and Carol", got)
	}
	s = m.serve("--listen", "127.0.0.1:0")
	if got := s.dial(tokenB).await("chat_message"); got.MessageID != first.MessageID {
		t.Errorf("undelivered: got %s, want %s", got.MessageID, first.MessageID)
	}
}

// An operator's end: clients are told to come again, and nothing is left running.
func TestTerminate(t *testing.T) {
	t.Parallel()
	dir := embeddedDir(t)
	m := newMachine(t, dir)
	s := m.serve("--listen", "127.0.0.1:0")
	token := m.must("token", m.must("user", "add", "Alice"))
	var clients []*socket
	for range 5 {
		clients = append(clients, s.connect(token))
	}
	// Who ends all of our processes, as a service manager does, ends the database no earlier than the server.
	if err := syscall.Kill(keeperOf(postmaster(dir)), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the keeper goes on", func() bool {
		log, err := os.ReadFile(filepath.Join(dir, "postgres", "keeper.log"))
		return err == nil && strings.Contains(string(log), "signal ignored")
	})
	began := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		if code := c.awaitClose(); code != 1012 {
			t.Errorf("close code: got %d, want 1012", code)
		}
	}
	<-s.ended
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("ending took %s, want at most 10 s", took)
	}
	if status := s.cmd.ProcessState.ExitCode(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
	if log, err := os.ReadFile(s.log); err != nil || strings.Contains(string(log), "level=WARN") {
		t.Errorf("the server's log: %v\n%s\nwant no warning", err, log)
	}
	awaitNoKeeper(t, dir)
}

// An ordinary user's data directory serves him; root's tests are all about root.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user; run as an ordinary user, all tests are about him")
	}
	dir, err := os.MkdirTemp("/tmp", "chainmail-test-home") // t.TempDir is root's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		awaitNoKeeper(t, filepath.Join(dir, ".local/share/chainmail"))
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	program := filepath.Join(dir, "chainmail")
	copyProgram(t, program)
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	m := newMachine(t, "", "HOME="+dir)
	m.program, m.credential = program, &syscall.Credential{Uid: nobody, Gid: nobody}
	alice := m.must("user", "add", "Alice")
	s := m.serve("--listen", "127.0.0.1:0")
	s.connect(m.must("token", alice))
	if got := m.must("user", "list"); !strings.Contains(got, alice) {
		t.Errorf("users: got\n%s\nwant %s", got, alice)
	}
	if status := s.stop(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
}

// nobody is an ordinary user on every Linux.
const nobody = 65534

// copyProgram copies the program, which go test keeps where only we can enter. No child may be on its way to its own program
// meanwhile: it would have the copy open for writing, and the copy could not be run (ETXTBSY).
func copyProgram(t testing.TB, to string) {
	t.Helper()
	path, err := exec.LookPath("chainmail")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	syscall.ForkLock.RLock()
	err = os.WriteFile(to, content, 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
}
