package localpg

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// How long Close waits for the server's end, which comes without us too.
const closeLimit = 5 * time.Second

// Close ends the use. If it was the last one it waits until PostgreSQL has stopped, though not
// longer than 5 s: the keeper sees to it without us. Closing twice is fine.
func (s *Server) Close() error {
	s.once.Do(func() {
		s.end()
		<-s.done
		s.use.release()
		if err := s.use.awaitStop(); err != nil {
			s.err = fmt.Errorf("stop PostgreSQL in %s: %w", s.use.layout.root, err)
		}
	})
	return s.err
}

// release gives back what the user holds. No child may be on its way to its own program meanwhile: it would have our files, and
// the locks with them, until it gets there, and be taken for a user.
func (u *use) release() {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if u.users != nil {
		u.users.Close()
	}
	if u.keeper != nil {
		u.keeper.Close()
	}
}

// awaitStop waits until the keeper has ended or somebody else uses the server, or closeLimit has
// passed.
func (u *use) awaitStop() error {
	for deadline := time.Now().Add(closeLimit); ; time.Sleep(waitInterval) {
		others, kept, err := u.inUse()
		u.reap()
		if err != nil || others || !kept {
			return err
		}
		if time.Now().After(deadline) {
			return nil
		}
	}
}

// inUse reports whether somebody uses the server, and whether a keeper lives. It takes locks for a
// moment: whoever wants them meanwhile tries again. No child gets them, for the reason that release has.
func (u *use) inUse() (others, kept bool, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	look, err := u.layout.lookAlone()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, true, nil // unknown for the moment: as long as the keeper is not known to be gone, the caller looks again
	}
	if err != nil {
		return false, false, err
	}
	defer look.Close()
	keeper, err := lockFile(u.layout.path("keeper.lock"), syscall.LOCK_SH|syscall.LOCK_NB)
	if err == nil {
		return false, false, keeper.Close()
	}
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return false, false, err
	}
	users, err := lockFile(u.layout.path("users.lock"), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, true, nil // the keeper has it: it is about to end
	}
	if err != nil {
		return false, true, err
	}
	defer users.Close()
	return flock(users, syscall.LOCK_EX|syscall.LOCK_NB) != nil, true, nil
}
