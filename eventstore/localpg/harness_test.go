package localpg_test

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"chainmail/eventstore/localpg"
)

// patience is as long as a step may take on a machine that is busy.
const patience = 2 * time.Minute

// start uses the server of a data directory until the test ends.
func start(t *testing.T, dataDir string) *localpg.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	server, err := localpg.Use(ctx, dataDir, options(dataDir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// closeUse closes a server and tells whether Close gave up waiting for its end, which it does after 5 s.
func closeUse(t *testing.T, server *localpg.Server) (gaveUp bool) {
	t.Helper()
	began := time.Now()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	return time.Since(began) >= 5*time.Second
}

// wantStopped demands that a server whose last use was closed has stopped by now or, where Close gave up waiting, does so.
func wantStopped(t *testing.T, dataDir string, gaveUp bool) {
	t.Helper()
	if got := postmaster(dataDir); got != 0 && !gaveUp {
		t.Errorf("postmaster after the last close: got %d, want none", got)
	}
	eventually(t, "end of the keeper", func() error { return keeperGone(dataDir) })
}

// user is another process that uses the server.
type user struct {
	dsn   string
	cmd   *exec.Cmd
	stdin io.Closer
}

func startUser(t *testing.T, dataDir string) *user {
	t.Helper()
	return startProgram(t, options(dataDir).Keeper[0], dataDir, nil)
}

// startProgram starts a copy of the test binary as another user.
func startProgram(t *testing.T, program, dataDir string, credential *syscall.Credential) *user {
	t.Helper()
	return startRole(t, "user", program, dataDir, credential)
}

func startRole(t *testing.T, role, program, dataDir string, credential *syscall.Credential) *user {
	t.Helper()
	cmd := exec.Command(program, role, dataDir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	u := &user{cmd: cmd, stdin: stdin}
	t.Cleanup(u.kill)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("user process: %v", err)
	}
	u.dsn = strings.TrimSpace(line)
	return u
}

// leave lets the user close the server and end.
func (u *user) leave() error {
	_ = u.stdin.Close()
	return u.cmd.Wait()
}

func (u *user) kill() {
	_ = u.cmd.Process.Kill()
	_ = u.cmd.Wait()
}

// execute runs a statement on a connection of its own, trying again while the server is away.
func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	eventually(t, statement, func() error {
		db, err := sql.Open("postgres", dsn)
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = db.ExecContext(t.Context(), statement)
		return err
	})
}

// count returns what SELECT count(*) says of the table "kept".
func count(t *testing.T, dsn string) int {
	t.Helper()
	var n int
	eventually(t, "count", func() error {
		db, err := sql.Open("postgres", dsn)
		if err != nil {
			return err
		}
		defer db.Close()
		return db.QueryRowContext(t.Context(), `SELECT count(*) FROM kept`).Scan(&n)
	})
	return n
}

// eventually waits for what other processes do, who can't signal us.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}

// postmaster returns the server's pid, 0 if there is none.
func postmaster(dataDir string) int { return pidIn(filepath.Join(dataDir, "postgres/data")) }

// pidIn returns the pid in a data directory's postmaster.pid.
func pidIn(data string) int {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, _ := strconv.Atoi(line)
	return pid
}

// keeper returns the pid of the postmaster's parent, from /proc/<pid>/stat.
func keeper(t *testing.T, dataDir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(postmaster(dataDir)), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	pid, err := strconv.Atoi(strings.Fields(rest)[1])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if pid <= 1 {
		t.Fatalf("kill %d: no such process", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// awaitEnd waits until the process is gone, or a zombie that nobody has waited for yet.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "end of process "+strconv.Itoa(pid), func() error {
		content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err != nil || strings.Contains(string(content), ") Z ") {
			return nil
		}
		return syscall.EBUSY
	})
}

func show(t *testing.T, dsn, setting string) (value string) {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), `SELECT current_setting($1)`, setting).Scan(&value); err != nil {
		t.Errorf("%s: %v", setting, err)
	}
	return value
}

// keeperGone returns an error while a keeper has the data directory.
func keeperGone(dataDir string) error {
	lock, err := os.Open(filepath.Join(dataDir, "postgres/keeper.lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
