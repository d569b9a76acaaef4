package localpg

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent makes the kernel send the signal to the child when its parent dies.
func dieWithParent(attr *syscall.SysProcAttr, s syscall.Signal) { attr.Pdeathsig = s }

// canHideData says that a program can use a directory that it was given as an open file.
const canHideData = true

// renamed makes the kernel show the child its user as nobody, for programs that want the user to
// have a name.
func renamed(attr *syscall.SysProcAttr, id identity) {
	const nobody = 65534
	attr.Cloneflags = syscall.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: int(id.uid), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: int(id.gid), Size: 1}}
}

// postgresIn tells whether the process is one of PostgreSQL's that works in dir. All of them work
// in their data directory; so may an administrator's shell.
func postgresIn(pid int, dir os.FileInfo) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	name, err := os.ReadFile(filepath.Join(proc, "comm"))
	if err != nil || strings.TrimSpace(string(name)) != "postgres" {
		return false
	}
	cwd, err := os.Stat(filepath.Join(proc, "cwd"))
	return err == nil && os.SameFile(cwd, dir)
}

// processesIn returns PostgreSQL's processes that work in dir.
func processesIn(dir os.FileInfo) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && postgresIn(pid, dir) {
			pids = append(pids, pid)
		}
	}
	return pids
}
