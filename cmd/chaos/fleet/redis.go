package fleet

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Redis is the fleet's Redis, which keeps nothing.
type Redis struct {
	dir     string
	process *process // nil while it is down
}

func startRedis(ctx context.Context, dir string) (*Redis, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	r := &Redis{dir: dir}
	return r, r.Start(ctx)
}

func (r *Redis) socket() string { return filepath.Join(r.dir, "redis.sock") }

// Start starts it, or does nothing when it runs, and returns when it answers.
func (r *Redis) Start(ctx context.Context) error {
	if r.process != nil {
		return nil
	}
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", r.socket(), "--save", "", "--appendonly", "no",
		"--dir", r.dir, "--daemonize", "no")
	process, err := run(cmd, filepath.Join(r.dir, "redis.log"), nil)
	if err != nil {
		return err
	}
	r.process = process
	for deadline := time.Now().Add(patience); ; {
		if conn, err := net.Dial("unix", r.socket()); err == nil {
			return conn.Close()
		}
		if _, died := process.died(); died || time.Now().After(deadline) {
			return fmt.Errorf("redis-server did not come up; see %s", filepath.Join(r.dir, "redis.log"))
		}
		if err := sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// Freeze stops it with its connections open and silent, until Thaw.
func (r *Redis) Freeze() { r.process.signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (r *Redis) Thaw() { r.process.signal(syscall.SIGCONT) }

// Kill ends it with SIGKILL.
func (r *Redis) Kill() error { return r.end(syscall.SIGKILL) }

// Stop ends it in order.
func (r *Redis) Stop() error { return r.end(syscall.SIGTERM) }

func (r *Redis) end(s syscall.Signal) error {
	if r.process == nil {
		return nil
	}
	process := r.process
	r.process = nil
	return process.end(s)
}
