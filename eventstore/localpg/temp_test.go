package localpg_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"chainmail/eventstore/localpg"
)

func TestTempServersAreApartAndLeaveNothing(t *testing.T) {
	t.Parallel()
	var dsns []string
	for range 2 {
		server, err := localpg.StartTemp(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// The folder itself may be another's at once.
		left := filepath.Join(filepath.Dir(socketFolder(t, server.DSN)), "left")
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: got %v, want none", left, err)
			}
		}()
		dsns = append(dsns, server.DSN)
		if got := show(t, server.DSN, "fsync"); got != "off" {
			t.Errorf("fsync: got %s, want off", got)
		}
	}
	if dsns[0] == dsns[1] {
		t.Errorf("addresses: got %s twice, want two", dsns[0])
	}
	if !strings.Contains(dsns[0], "chainmail-test-") {
		t.Errorf("address: got %s, want one that is the same each time", dsns[0])
	}
}

// The server of a process that was killed goes with it, and its folder serves the next.
func TestTempServerOfAKilledProcess(t *testing.T) {
	t.Parallel()
	owner := startRole(t, "temp", options("").Keeper[0], "", nil)
	dir := filepath.Dir(socketFolder(t, owner.dsn))
	pid := pidIn(filepath.Join(dir, "data"))
	owner.kill()
	awaitEnd(t, pid)
	var servers []*localpg.Temp
	defer func() {
		for _, server := range servers {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		}
	}()
	for range 5 {
		server, err := localpg.StartTemp(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		servers = append(servers, server)
		if server.DSN == owner.dsn || !free(t, dir) {
			return // to us, or to another package's tests, which were faster
		}
	}
	t.Errorf("%s was not taken over", dir)
}

// free reports whether a slot that a process left behind is nobody's yet.
func free(t *testing.T, dir string) bool {
	t.Helper()
	lock, err := os.Open(filepath.Join(dir, "lock"))
	if errors.Is(err, os.ErrNotExist) {
		return false // who took it has given it up
	}
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
