package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Temp is a server for tests: its data are gone when it is closed, and may be gone when the machine
// crashes.
type Temp struct {
	// DSN is the URL of the server's database "postgres" for the user "postgres". It is the same
	// for each server that runs alone, so that Go's test cache holds.
	DSN string

	server *child
	log    *os.File
	slot   *os.File
	dir    string
}

// StartTemp starts a server for tests, in memory where there is room; ctx bounds the start alone.
// The caller closes it; if he is killed the server stops too, and its files go with the next
// StartTemp.
func StartTemp(ctx context.Context) (*Temp, error) {
	dir, slot, err := takeSlot(tempBase(), os.Geteuid())
	if err != nil {
		return nil, fmt.Errorf("make a folder for a temporary PostgreSQL: %w", err)
	}
	t := &Temp{slot: slot, dir: dir}
	if err := t.start(ctx); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Temp) start(ctx context.Context) error {
	data := filepath.Join(t.dir, "data")
	if _, err := os.Stat(data); err == nil {
		if err := clearOrphans(data); err != nil {
			return err
		}
	}
	for _, name := range []string{"data", "data.init", "run"} {
		if err := os.RemoveAll(filepath.Join(t.dir, name)); err != nil {
			return err
		}
	}
	id, err := chooseIdentity(data)
	if err != nil {
		return err
	}
	bin, err := findBinaries(ctx, id, 0, t.copyTo())
	if err != nil {
		return err
	}
	t.log, err = os.OpenFile(filepath.Join(t.dir, "postgres.log"), os.O_CREATE|os.O_RDWR|os.O_APPEND|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	c := cluster{
		id: id, bin: bin, data: data, sockets: filepath.Join(t.dir, "run"),
		log: t.log, settings: tempSettings, reachable: true,
	}
	if err := id.mkdir(c.sockets); err != nil {
		return err
	}
	if err := c.initialize(ctx, "--no-sync"); err != nil {
		return err
	}
	t.DSN = socketDSN(c.sockets, "postgres")
	t.server, err = c.start(ctx)
	return err
}

// Close stops the server, whoever is connected, and removes its files.
func (t *Temp) Close() error {
	if t.server != nil {
		// There is nothing to keep, so there is no need for a clean end.
		t.server.signal(syscall.SIGQUIT)
		stop(t.server)
	}
	err := errors.Join(os.RemoveAll(t.copyTo()), clearSlot(t.dir))
	if t.log != nil {
		err = errors.Join(err, t.log.Close())
	}
	return errors.Join(err, t.slot.Close())
}

// clearSlot removes a slot of ours with all that is in it. The lock's file goes last: without it the folder may be taken by
// another at once, and is his then.
func clearSlot(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() != slotLock {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	if err = errors.Join(err, os.Remove(filepath.Join(dir, slotLock))); err != nil {
		return err
	}
	err = os.Remove(dir)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) { // not empty: it is another's; gone: it was
		return nil
	}
	return err
}

// copyTo returns a folder for programs, should they have to be copied: /dev/shm often allows none
// to be run.
func (t *Temp) copyTo() string { return filepath.Join("/tmp", filepath.Base(t.dir)+"-pgsql") }

// tempBase returns memory if there is enough of it (a container's default is 64 MB), else the
// temporary folder. The socket lies below it, so a long temporary folder gives way to /tmp; so does
// any of root's, which PostgreSQL's user might not enter.
func tempBase() string {
	const (
		shm     = "/dev/shm"
		enough  = 2 << 30
		longest = 60
	)
	var fsStat syscall.Statfs_t
	if syscall.Statfs(shm, &fsStat) == nil && uint64(fsStat.Bavail)*uint64(fsStat.Bsize) > enough {
		return shm
	}
	if dir := os.TempDir(); len(dir) <= longest && os.Geteuid() != 0 {
		return dir
	}
	return "/tmp"
}

// slotLock is the file in a slot whose lock says whose it is.
const slotLock = "lock"

// takeSlot makes or takes over the first folder <base>/chainmail-test-<uid>-<n> that nobody uses,
// and returns it with the file whose lock says that it is ours. A folder that belongs to somebody
// else is left alone.
func takeSlot(base string, uid int) (string, *os.File, error) {
	const slots = 100
	last := errors.New("they are others'")
	for n := range slots {
		dir := filepath.Join(base, "chainmail-test-"+strconv.Itoa(uid)+"-"+strconv.Itoa(n))
		// Others may pass through, which PostgreSQL's user has to; what is inside is closed to
		// them.
		if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", nil, err
		}
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || int(info.Sys().(*syscall.Stat_t).Uid) != uid {
			continue
		}
		lock, err := lockFile(filepath.Join(dir, slotLock), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			// Who held the lock before may have removed the file, and another made a new one.
			if err = stillThere(lock); err == nil {
				return dir, lock, os.Chmod(dir, 0o711)
			}
			lock.Close()
		}
		last = err
	}
	return "", nil, fmt.Errorf("all %d folders in %s are in use: %w", slots, base, last)
}
