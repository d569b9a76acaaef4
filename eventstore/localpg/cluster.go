package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cluster is a data directory and what it takes to run a server on it.
type cluster struct {
	id       identity
	bin      string   // folder of PostgreSQL's programs
	data     string   // data directory
	sockets  string   // folder of the Unix socket
	log      *os.File // output of all programs, opened for appending
	settings []string // name=value
	env      []string // of the server, besides what command gives all programs
	// reachable says that the identity can enter the data directory by its path. Where root has
	// closed a folder above it, the programs get the directory as an open file.
	reachable bool
}

// majorVersion returns the version that made the data directory, 0 when there is none yet.
func majorVersion(data string) (int, error) {
	content, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(content)))
}

// initialize makes the data directory unless it exists. It works beside it and renames at the end,
// so that one that was killed leaves nothing half-made. Locale C makes ORDER BY the same on every
// machine.
func (c *cluster) initialize(ctx context.Context, flags ...string) error {
	if _, err := os.Stat(c.data); err == nil {
		return nil
	}
	unfinished := c.data + ".init"
	if dir, err := os.Stat(unfinished); err == nil {
		killAll(dir) // what is left of an initdb that was killed
	}
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := c.id.mkdir(unfinished); err != nil {
		return err
	}
	flags = append(flags, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
		"--data-checksums", "--no-instructions")
	if err := c.initdb(ctx, unfinished, flags); err != nil {
		return fmt.Errorf("initdb in %s: %w", unfinished, err)
	}
	return os.Rename(unfinished, c.data)
}

// initdb runs initdb, and kills it with all its children when the context ends.
func (c *cluster) initdb(ctx context.Context, dir string, flags []string) error {
	from := logSize(c.log)
	tool, err := c.launch("initdb", dir, syscall.SIGKILL, flags)
	if err != nil {
		return err
	}
	select {
	case <-tool.done:
	case <-ctx.Done():
		_ = syscall.Kill(-tool.pid, syscall.SIGKILL)
		<-tool.done
		return ctx.Err()
	}
	if tool.err != nil {
		return fmt.Errorf("%w; its last words:\n%s", tool.err, tail(c.log.Name(), from))
	}
	return nil
}

// launch starts one of the programs on a data directory, which is its last argument: see postgresIn
// for systems other than Linux.
func (c *cluster) launch(program, dir string, onDeath syscall.Signal, args []string) (*child, error) {
	cmd := command(c.id, c.log, onDeath, filepath.Join(c.bin, program), args...)
	if program == "postgres" {
		cmd.Env = append(cmd.Env, c.env...)
	}
	if c.id.nameless && program == "initdb" {
		renamed(cmd.SysProcAttr, c.id)
	}
	if c.reachable {
		cmd.Args = append(cmd.Args, "-D", dir)
		return startChild(cmd)
	}
	open, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer open.Close()
	cmd.ExtraFiles = []*os.File{open} // the first of them becomes file 3
	cmd.Args = append(cmd.Args, "-D", "/proc/self/fd/3")
	return startChild(cmd)
}

// start starts the server and returns when it accepts connections. The caller stops it, see [stop].
func (c *cluster) start(ctx context.Context) (*child, error) {
	args := []string{"-c", "listen_addresses=", "-k", c.sockets, "-c", "unix_socket_permissions=0700"}
	for _, setting := range c.settings {
		args = append(args, "-c", setting)
	}
	from := logSize(c.log)
	server, err := c.launch("postgres", c.data, syscall.SIGINT, args)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for {
		if f, ok := readPidFile(c.data); ok && f.pid == server.pid && f.ready {
			return server, nil
		}
		select {
		case <-poll.C:
		case <-server.done:
			return nil, fmt.Errorf("start PostgreSQL: %w; its last words:\n%s", server.err, tail(c.log.Name(), from))
		case <-ctx.Done():
			stop(server)
			return nil, fmt.Errorf("start PostgreSQL: %w", context.Cause(ctx))
		}
	}
}

// stop ends the server: open transactions are rolled back, what was committed is written. After 20
// s it is made to leave at once, which loses nothing either but makes the next start recover.
// SIGTERM would wait for the clients.
func stop(server *child) {
	server.signal(syscall.SIGINT)
	for _, s := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		select {
		case <-server.done:
			return
		case <-time.After(20 * time.Second):
			server.signal(s)
		}
	}
	<-server.done
}
