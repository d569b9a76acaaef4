package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"chainmail/eventstore/logkey"
)

// keyFile is the path of the log's key. Beside it lie, under longer names, the key that is about to take its place
// (<path>.next) and those that it once replaced (<path>.<key hash>).
type keyFile string

// path is the log key's file.
func (f *logKeyFlags) path(d *databaseFlags) (keyFile, error) {
	if f.LogKeyFile != "" {
		return keyFile(f.LogKeyFile), nil
	}
	dir, err := d.dir()
	return keyFile(filepath.Join(dir, "log.key")), err
}

func (f keyFile) next() keyFile { return f + ".next" }

func (f keyFile) dir() string { return filepath.Dir(string(f)) }

// retired is where a key is kept that was replaced. A backup of the log from before that has it as its own.
func (f keyFile) retired(verifier string) keyFile {
	_, rest, _ := strings.Cut(verifier, "+")
	hash, _, _ := strings.Cut(rest, "+")
	return f + "." + keyFile(hash)
}

// read reads the file. A missing file is fs.ErrNotExist.
func (f keyFile) read() (*logkey.Key, error) {
	raw, err := os.ReadFile(string(f))
	if err != nil {
		return nil, err
	}
	key, err := logkey.Parse(string(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f, err)
	}
	return key, nil
}

// find returns the log's key, which the verifier key says, and its file. Where a rotation was cut short between its
// announcement and the change of files, that is the next key's file. Nothing is changed.
func (f keyFile) find(verifier string) (key *logkey.Key, in keyFile, err error) {
	key, err = f.read()
	if err == nil && key.Verifier == verifier {
		return key, f, nil
	}
	if next, nextErr := f.next().read(); nextErr == nil && next.Verifier == verifier {
		return next, f.next(), nil
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, f, fmt.Errorf("there is no key at %s", f)
	case err != nil:
		return nil, f, err
	case key.Origin() == originOf(verifier):
		return nil, f, fmt.Errorf("%s is a key of this log, but not the current one", f)
	}
	return nil, f, fmt.Errorf("%s is another log's key", f)
}

// current is find for one who uses the key: a change of files that was cut short is made up for.
func (f keyFile) current(verifier string) (*logkey.Key, error) {
	key, in, err := f.find(verifier)
	if err != nil || in == f {
		return key, err
	}
	if unlock, err := f.lock(); err == nil { // else somebody is about to do it
		defer unlock()
		_ = f.replace(verifier) // the key can be used from where it is, too
	}
	return key, nil
}

// originOf returns the origin in a verifier key of C2SP signed-note, <origin>+<hash>+<key>.
func originOf(verifier string) string {
	origin, _, _ := strings.Cut(verifier, "+")
	return origin
}

// replace makes the next key the current one, if it is the one with this verifier key. The old one is kept. It may
// be cut short anywhere and called again. The caller has the lock.
func (f keyFile) replace(verifier string) error {
	next, err := f.next().read()
	if err != nil || next.Verifier != verifier {
		return err
	}
	old, err := f.read()
	if err == nil {
		err = os.Link(string(f), string(f.retired(old.Verifier)))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(string(f.next()), string(f)); err != nil {
		return err
	}
	return syncDir(f.dir())
}

// makeNext returns the key to be announced: a new one, which lies in the next key's file for good, or
// the one that an earlier rotation left there, since its announcement may still be on its way.
func (f keyFile) makeNext(origin string) (*logkey.Key, error) {
	secret, _, err := logkey.Generate(origin)
	if err != nil {
		return nil, err
	}
	if _, err := keepFile(string(f.next()), []byte(secret)); err != nil {
		return nil, err
	}
	if err := syncDir(f.dir()); err != nil {
		return nil, err
	}
	key, err := f.next().read()
	if err == nil && key.Origin() != origin {
		err = fmt.Errorf("%s is another log's key: move it away", f.next())
	}
	return key, err
}

// errLocked says that another process is changing the key's files.
var errLocked = errors.New("another rotation is under way")

// lock keeps other processes from changing the key's files. It goes with the process.
func (f keyFile) lock() (unlock func(), err error) {
	dir, err := os.Open(f.dir())
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		dir.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, err
	}
	return func() { dir.Close() }, nil
}

// exposed reports whether others than the owner may read the file, and how to end that.
func (f keyFile) exposed() error {
	info, err := os.Stat(string(f))
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return nil // that it is missing is told elsewhere
	}
	return fmt.Errorf("%s can be read by others (mode %04o)", f, info.Mode().Perm())
}

// syncDir makes the names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
