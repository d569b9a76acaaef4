package localpg

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidFile is what we need of PostgreSQL's postmaster.pid.
type pidFile struct {
	pid   int  // line 1
	ready bool // line 8
}

// readPidFile reads postmaster.pid. It reports false while there is none, or while it is being
// written.
func readPidFile(data string) (pidFile, bool) {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, false
	}
	lines := strings.Split(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	// A postmaster that was started by hand in single-user mode writes its pid negated.
	if err != nil || pid <= 1 {
		return pidFile{}, false
	}
	ready := len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready"
	return pidFile{pid: pid, ready: ready}, true
}

// clearOrphans ends every process that is left of an earlier server on the data directory, and
// makes its postmaster.pid harmless. Whoever calls it holds the lock that makes him the directory's
// owner.
func clearOrphans(data string) error {
	dir, err := os.Stat(data)
	if err != nil {
		return err
	}
	if f, ok := readPidFile(data); ok {
		if postgresIn(f.pid, dir) {
			endOrphan(f.pid, dir)
		} else if alive(f.pid) {
			if err := disown(data, f.pid); err != nil {
				return err
			}
		}
	}
	// After a postmaster's kill -9 a busy backend lives on, and its hold on the shared memory would
	// make PostgreSQL refuse to start.
	killAll(dir)
	return nil
}

func killAll(dir os.FileInfo) {
	for _, pid := range processesIn(dir) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		waitGone(pid, dir, 5*time.Second)
	}
}

// endOrphan stops a postmaster that is not our child: fast shutdown, then the hard way.
func endOrphan(pid int, dir os.FileInfo) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if syscall.Kill(pid, s) != nil || waitGone(pid, dir, 10*time.Second) {
			return
		}
	}
}

// waitGone polls, because one cannot wait for a process that is not one's child.
func waitGone(pid int, dir os.FileInfo, limit time.Duration) bool {
	for deadline := time.Now().Add(limit); postgresIn(pid, dir); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}

// disown replaces the pid in postmaster.pid, which now belongs to a process that has nothing to do
// with PostgreSQL, with our own. PostgreSQL would refuse to start because of the stranger; its
// parent's pid it ignores, and yet it still checks the shared memory that the file names, as it
// would not without the file.
func disown(data string, stranger int) error {
	path := filepath.Join(data, "postmaster.pid")
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	rest := strings.TrimPrefix(strings.TrimLeft(string(content), " "), strconv.Itoa(stranger))
	return os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+rest), 0o600)
}
