package pgtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ProcessTime is the processor time that a process has taken so far, in steps of 10 ms; 0 where /proc does not tell
// (utime and stime of proc(5)).
func ProcessTime(pid int) time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(raw), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}
