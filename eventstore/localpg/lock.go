package localpg

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile opens a file, making it if need be, and locks it with flock. The lock goes with the
// file, that is with the process: Go opens files so that no child inherits them. It returns
// syscall.EWOULDBLOCK when LOCK_NB was given and another holds the lock.
func lockFile(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, how); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err != syscall.EINTR {
			return err
		}
	}
}

// lookAlone makes its caller the only one who looks at the other locks, until he closes the file; else two who look would take
// each other for users, and what a keeper that is gone has left for the next one's. It returns syscall.EWOULDBLOCK while
// somebody else looks. The keeper's log, which is there for all who share the folder, serves as the lock.
func (l layout) lookAlone() (*os.File, error) {
	return lockFile(l.path("keeper.log"), syscall.LOCK_EX|syscall.LOCK_NB)
}

// stillThere returns an error if the file's name has become another file's, or nobody's.
func stillThere(f *os.File) error {
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Stat(f.Name())
	if err != nil {
		return err
	}
	if !os.SameFile(ours, named) {
		return fmt.Errorf("lock %s: replaced meanwhile", f.Name())
	}
	return nil
}
