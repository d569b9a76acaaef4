package load

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listener finds the process that listens at a URL of this machine.
func listener(server string) (pid int, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return 0, err
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return 0, fmt.Errorf("%s is not this machine", u.Hostname())
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return 0, fmt.Errorf("no port in %q", server)
	}
	sockets := make(map[string]bool)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		raw, err := os.ReadFile(table)
		if err != nil {
			continue // no such family, or no /proc at all: then nothing is found
		}
		for _, inode := range listening(raw, port) {
			sockets["socket:["+inode+"]"] = true
		}
	}
	return holder(sockets, port)
}

// listening returns the inodes of the sockets in a table of /proc/net that listen on a port.
func listening(table []byte, port int) (inodes []string) {
	const local, state, inode = 1, 3, 9
	for line := range bytes.Lines(table) {
		fields := strings.Fields(string(line))
		if len(fields) <= inode || fields[state] != "0A" { // TCP_LISTEN
			continue
		}
		_, hex, _ := strings.Cut(fields[local], ":")
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && int(n) == port {
			inodes = append(inodes, fields[inode])
		}
	}
	return inodes
}

// holder finds the process that has one of the sockets open.
func holder(sockets map[string]bool, port int) (int, error) {
	pids, err := processes()
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		if err != nil {
			return 0, err
		}
		for _, file := range files {
			if target, err := os.Readlink(file); err == nil && sockets[target] {
				return pid, nil
			}
		}
	}
	return 0, fmt.Errorf("no process that may be looked at listens on port %d", port)
}
