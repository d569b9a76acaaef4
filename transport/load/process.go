package load

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// process is what /proc/PID/stat says (proc(5)).
type process struct {
	parent        int
	name          string
	cpu, children time.Duration // user and system time; children are those that ended and were waited for
}

// tick is the unit of times in /proc: USER_HZ is 100 on every architecture that Go runs on.
const tick = 10 * time.Millisecond

func readProcess(pid int) (process, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	return parseStat(raw)
}

// parseStat reads a line of /proc/PID/stat. The name stands in parentheses and may hold anything.
func parseStat(raw []byte) (process, error) {
	open, end := bytes.IndexByte(raw, '('), bytes.LastIndexByte(raw, ')')
	if open < 0 || end < open {
		return process{}, errors.New("no name in /proc/PID/stat")
	}
	// After the name come the fields from the third on: state, ppid, …; utime is the 14th.
	fields := bytes.Fields(raw[end+1:])
	const ppid, utime = 4 - 3, 14 - 3
	if len(fields) < utime+4 {
		return process{}, errors.New("too few fields in /proc/PID/stat")
	}
	var ticks [4]int64
	for i := range ticks {
		n, err := strconv.ParseInt(string(fields[utime+i]), 10, 64)
		if err != nil {
			return process{}, fmt.Errorf("times in /proc/PID/stat: %w", err)
		}
		ticks[i] = n
	}
	parent, err := strconv.Atoi(string(fields[ppid]))
	if err != nil {
		return process{}, fmt.Errorf("parent in /proc/PID/stat: %w", err)
	}
	return process{
		parent: parent, name: string(raw[open+1 : end]),
		cpu: time.Duration(ticks[0]+ticks[1]) * tick, children: time.Duration(ticks[2]+ticks[3]) * tick,
	}, nil
}

// processUsage is what a process has used.
func processUsage(pid int) (usage, error) {
	p, err := readProcess(pid)
	if err != nil {
		return usage{}, err
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return usage{}, err
	}
	fields := bytes.Fields(raw)
	if len(fields) < 2 {
		return usage{}, errors.New("too few fields in /proc/PID/statm")
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return usage{cpu: p.cpu, resident: pages * int64(os.Getpagesize())}, err
}

// treeCPU is the processor time of a process and its children, also of those that ended.
func treeCPU(pid int) (time.Duration, error) {
	before, err := readProcess(pid)
	for err == nil {
		total, failure := childrenCPU(pid)
		if failure != nil {
			return 0, failure
		}
		var after process
		after, err = readProcess(pid)
		// A child that was waited for meanwhile may be in neither figure. Then look again.
		if err == nil && after.children == before.children {
			return total + after.cpu + after.children, nil
		}
		before = after
	}
	return 0, err
}

// childrenCPU is the processor time of a process's children that have not ended.
func childrenCPU(pid int) (total time.Duration, err error) {
	pids, err := processes()
	if err != nil {
		return 0, err
	}
	for _, child := range pids {
		if p, err := readProcess(child); err == nil && p.parent == pid { // else it has just ended
			total += p.cpu + p.children
		}
	}
	return total, nil
}

// processes lists the processes of this machine.
func processes() ([]int, error) {
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(filepath.Base(name)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// ownCPU is the processor time of this process.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0 // it can't fail with these arguments (getrusage(2))
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// raiseFileLimit lets this process open at least so many files, if it may, and returns how many it may.
func raiseFileLimit(files uint64) uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return files // unknown: try
	}
	if limit.Cur >= files {
		return limit.Cur
	}
	wanted := syscall.Rlimit{Cur: files, Max: max(files, limit.Max)}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &wanted) == nil {
		return wanted.Cur
	}
	wanted = syscall.Rlimit{Cur: limit.Max, Max: limit.Max} // only root may have more
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &wanted) == nil {
		return wanted.Cur
	}
	return limit.Cur
}

// otherWork says how many processes wanted a processor in the last minute, and whether that is more than
// leaves room for a measurement.
func otherWork() (load string, crowded bool) {
	raw, err := os.ReadFile("/proc/loadavg")
	fields := bytes.Fields(raw)
	if err != nil || len(fields) == 0 {
		return "", false // not told here
	}
	load = string(fields[0])
	n, err := strconv.ParseFloat(load, 64)
	return load, err == nil && n > float64(runtime.NumCPU())/2
}
