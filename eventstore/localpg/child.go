package localpg

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// child is a process that we started.
type child struct {
	pid  int
	done chan struct{} // closed when the process has ended
	err  error         // how it ended; read after done
}

// command returns a command that runs as the identity, in a process group of its own so that a
// terminal's Ctrl-C passes it by, and that gets the signal when the thread that started it dies.
// Output must be a real file: with a pipe, waiting would last until the last grandchild had ended.
func command(id identity, output *os.File, onDeath syscall.Signal, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/local/bin:/usr/bin:/bin"}
	cmd.Stdout = output
	cmd.Stderr = output
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: id.credential(), Setpgid: true}
	dieWithParent(cmd.SysProcAttr, onDeath)
	return cmd
}

// startChild starts the command and waits for it on one thread, because Linux ties the signal at
// the parent's death to the thread. The goroutine ends with the process.
func startChild(cmd *exec.Cmd) (*child, error) {
	c := &child{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			c.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// signal sends a signal unless the process has ended.
func (c *child) signal(s syscall.Signal) {
	select {
	case <-c.done:
	default:
		// The process may end between the check and the signal: its pid stays ours until Wait
		// returns, so that at worst the signal finds nobody.
		_ = syscall.Kill(c.pid, s)
	}
}
