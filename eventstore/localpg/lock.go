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
