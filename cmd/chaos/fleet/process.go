package fleet

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// process is a program that runs until it is told to end, or dies.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it was waited for

	mu   sync.Mutex
	told bool // that it was to end, guarded by mu
}

// patience is how long a program may take to come up or to end, on a busy machine.
const patience = 60 * time.Second

// run starts a program whose standard error is appended to a file. Its standard output goes to out, or nowhere.
func run(cmd *exec.Cmd, log string, out *os.File) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd.Stdout, cmd.Stderr = out, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C passes it by
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	go func() { // ends with the process; end waits for it
		_ = cmd.Wait() // its status is in ProcessState
		close(p.ended)
	}()
	return p, nil
}

// signal sends a signal; those that end a process are its being told to.
func (p *process) signal(s syscall.Signal) {
	if s != syscall.SIGSTOP && s != syscall.SIGCONT {
		p.mu.Lock()
		p.told = true
		p.mu.Unlock()
	}
	select {
	case <-p.ended:
	default:
		_ = p.cmd.Process.Signal(s) // it may have ended just now
	}
}

// end ends the process with a signal and waits for it; it is killed when it does not go.
func (p *process) end(s syscall.Signal) error {
	p.signal(s)
	select {
	case <-p.ended:
		return nil
	case <-time.After(patience):
	}
	p.signal(syscall.SIGKILL)
	<-p.ended
	return fmt.Errorf("%s did not end within %s of %s", p.cmd.Path, patience, s)
}

// died tells how the process ended, if it did so without being told.
func (p *process) died() (how string, yes bool) {
	select {
	case <-p.ended:
	default:
		return "", false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.ProcessState.String(), !p.told
}
