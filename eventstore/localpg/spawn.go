package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// ensureKeeper starts a keeper if there is none. Who gets the keeper's lock hands it down to the
// process that he starts, so that there is never a second one and never a gap in which nobody has
// the lock. It returns an error if the keeper that we started before has failed. Where there is a keeper, failed is why it
// could not start the server when it last tried; nil if it could, or is at it, or somebody else looks at this moment.
func (u *use) ensureKeeper() (failed, err error) {
	if status, ended := u.reap(); ended && (!status.Exited() || status.ExitStatus() != 0) && !status.Signaled() {
		why, _ := os.ReadFile(u.layout.path("failed")) // none: it ended without a word
		return nil, u.failure(why, fmt.Sprintf("its keeper ended with status %d", status.ExitStatus()))
	}
	look, err := u.layout.lookAlone()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer look.Close()
	if u.keeper == nil {
		lock, err := os.OpenFile(u.layout.path("keeper.lock"), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		u.keeper = lock
	}
	err = flock(u.keeper, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		if why, err := os.ReadFile(u.layout.path("failed")); err == nil {
			failed = u.failure(why, "its keeper cannot start it again")
		}
		return failed, nil
	}
	if err != nil {
		return nil, err
	}
	// The lock belongs to the open file, which the keeper has too from here on: ours must not
	// outlive its.
	defer func() {
		u.keeper.Close()
		u.keeper = nil
	}()
	for _, stale := range []string{"ready", "failed"} {
		if err := os.Remove(u.layout.path(stale)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, u.spawn()
}

// spawn starts a keeper in a session of its own, which no terminal and no process group takes
// along. Of our environment it gets what finding PostgreSQL takes: the rest may hold secrets.
func (u *use) spawn() error {
	if len(u.options.Keeper) == 0 {
		return errors.New("start its keeper: no command line given")
	}
	log, err := os.OpenFile(u.layout.path("keeper.log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	if err := boundLog(log); err != nil {
		return err
	}
	u.logged = logSize(log)
	cmd := exec.Command(u.options.Keeper[0], u.options.Keeper[1:]...)
	cmd.Env = []string{}
	for _, name := range []string{"PATH", "HOME", "PG_BIN", "PG_RUN_AS"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{u.keeper} // becomes file 3: see takeKeeperLock
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start its keeper: %w", err)
	}
	u.options.Logger.Debug("PostgreSQL's keeper started", "pid", cmd.Process.Pid)
	u.started = cmd.Process.Pid
	return cmd.Process.Release()
}

// reap reports how the keeper that we started ended, once. It never waits.
func (u *use) reap() (status syscall.WaitStatus, ended bool) {
	if u.started == 0 {
		return 0, false
	}
	pid, err := syscall.Wait4(u.started, &status, syscall.WNOHANG, nil)
	if pid == 0 || err == syscall.EINTR {
		return 0, false
	}
	u.started = 0
	return status, err == nil
}

// failure returns what the keeper wrote of a start that went wrong; if nothing, what is known and the
// end of the keeper's log.
func (u *use) failure(written []byte, known string) error {
	if len(written) == 0 {
		return fmt.Errorf("%s; its last words:\n%s", known, tail(u.layout.path("keeper.log"), u.logged))
	}
	return errors.New(string(written))
}
