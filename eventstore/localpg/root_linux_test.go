package localpg_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// nobody is an ordinary user on every Linux.
const nobody = 65534

// Root's other tests have a data directory that PostgreSQL's user cannot reach by its path, because
// t.TempDir is root's alone. This one has a directory that he can reach.
func TestReachableDataDirectory(t *testing.T) {
	t.Parallel()
	dir := openTempDir(t)
	server := start(t, dir)
	data := filepath.Join(dir, "postgres/data")
	if got := show(t, server.DSN, "data_directory"); got != data {
		t.Errorf("data directory: got %s, want %s", got, data)
	}
	if got, want := socketFolder(t, server.DSN), filepath.Join(dir, "postgres/run"); got != want {
		t.Errorf("folder of the socket: got %s, want %s", got, want)
	}
}

func TestPostgresIsNotRoot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, dir)
	info, err := os.Stat(filepath.Join(dir, "postgres/data"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Sys().(*syscall.Stat_t).Uid == 0 {
		t.Error("owner of the data: got root, want another")
	}
}

// A directory that an ordinary user made serves root too: PostgreSQL runs as its owner.
func TestOrdinaryUserThenRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user; run as an ordinary user, all tests are about him")
	}
	dir := openTempDir(t)
	program := filepath.Join(dir, "localpg.test")
	copyProgram(t, program)
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(home, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	ordinary := startProgram(t, program, home, &syscall.Credential{Uid: nobody, Gid: nobody})
	execute(t, ordinary.dsn, `CREATE TABLE kept AS SELECT 1`)
	if err := ordinary.leave(); err != nil {
		t.Fatal(err)
	}
	server := start(t, home)
	if got := count(t, server.DSN); got != 1 {
		t.Errorf("rows for root: got %d, want 1", got)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	again := startProgram(t, program, home, &syscall.Credential{Uid: nobody, Gid: nobody})
	if got := count(t, again.dsn); got != 1 {
		t.Errorf("rows for the ordinary user again: got %d, want 1", got)
	}
	if err := again.leave(); err != nil {
		t.Error(err)
	}
}

// openTempDir returns a folder that everybody can enter.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "localpg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyProgram copies the test binary, which go test keeps where only we can enter.
func copyProgram(t *testing.T, to string) {
	t.Helper()
	// A child of another test would have the copy open for writing until it runs its own program, and the copy could not be run.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	program, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(program, from); err != nil {
		t.Fatal(err)
	}
	if err := program.Close(); err != nil {
		t.Fatal(err)
	}
}
