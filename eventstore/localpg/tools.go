package localpg

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Tools are PostgreSQL's programs on this machine, for tests that run servers in their own way.
type Tools struct {
	id  identity
	bin string // folder of the programs
	dir string
}

// FindTools makes a folder for a test, in memory where there is room, and finds the programs that can work in it: like
// [StartTemp] not as root. ctx bounds the search alone. The caller closes the Tools when all that he started has ended.
func FindTools(ctx context.Context) (_ *Tools, err error) {
	dir, err := os.MkdirTemp(tempBase(), "chainmail-tools-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	t := &Tools{dir: dir}
	if t.id, err = chooseIdentity(filepath.Join(dir, "none")); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o711); err != nil { // the other user passes through
		return nil, err
	}
	t.bin, err = findBinaries(ctx, t.id, 0, filepath.Join(dir, "pgsql"))
	return t, err
}

// Dir makes a folder below the tools' own, which the programs can write, and returns its path. One that exists stays.
func (t *Tools) Dir(name string) (string, error) {
	path := filepath.Join(t.dir, name)
	return path, t.id.mkdir(path)
}

// Close removes the tools' folder with all that is in it.
func (t *Tools) Close() error { return os.RemoveAll(t.dir) }

// Process is a program that runs. It is killed when the process that started it dies.
type Process struct{ child *child }

// Start starts one of PostgreSQL's programs, or any other by its absolute path, whose output is appended to a file.
func (t *Tools) Start(output *os.File, program string, args ...string) (*Process, error) {
	if !strings.HasPrefix(program, "/") {
		program = filepath.Join(t.bin, program)
	}
	c, err := startChild(command(t.id, output, syscall.SIGKILL, program, args...))
	if err != nil {
		return nil, err
	}
	return &Process{c}, nil
}

// PID is the process's number.
func (p *Process) PID() int { return p.child.pid }

// Signal sends a signal unless the process has ended.
func (p *Process) Signal(s syscall.Signal) { p.child.signal(s) }

// Ended returns a channel that is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.child.done }

// Wait waits for the end, and returns how it ended as exec.Cmd.Wait does.
func (p *Process) Wait() error {
	<-p.child.done
	return p.child.err
}
