//go:build !linux

package localpg

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing: only Linux can do it. The next start clears up.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

const canHideData = false

func renamed(*syscall.SysProcAttr, identity) {}

// postgresIn tells whether the process is a postmaster whose command line names dir.
func postgresIn(pid int, dir os.FileInfo) bool {
	line, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return false
	}
	_, rest, found := strings.Cut(string(line), " -D ")
	if !found {
		return false
	}
	// The data directory is the last argument.
	named, err := os.Stat(strings.TrimSpace(rest))
	return err == nil && os.SameFile(named, dir)
}

// processesIn returns nothing: a backend's command line does not name its directory.
func processesIn(os.FileInfo) []int { return nil }
