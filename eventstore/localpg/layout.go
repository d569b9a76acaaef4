package localpg

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// layout is the folder <data dir>/postgres; see the package comment for what is in it.
type layout struct{ root string }

// newLayout makes the folders. Two names of one folder give the same layout.
func newLayout(dataDir string) (layout, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return layout{}, err
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // PostgreSQL's user has to pass
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return layout{}, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return layout{}, err
	}
	root := filepath.Join(dir, "postgres")
	if err := os.Mkdir(root, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return layout{}, err
	}
	return layout{root: root}, nil
}

func (l layout) path(name string) string { return filepath.Join(l.root, name) }

// sockets returns the folder for the Unix socket. A socket's whole path has to fit in 104 bytes
// (macOS; Linux has 108), and PostgreSQL has to reach it by that path. Where either fails it is in
// /tmp, under a name that is the same after each start.
func (l layout) sockets(reachable bool) string {
	const longest = 104 - len("/.s.PGSQL.5432.lock\x00")
	if dir := l.path("run"); reachable && len(dir) <= longest {
		return dir
	}
	sum := sha256.Sum256([]byte(l.root))
	return filepath.Join("/tmp", "chainmail-"+hex.EncodeToString(sum[:8]))
}

// clearSockets makes the folder for the socket, where others could have made one before, without
// what a server that was killed left in it: PostgreSQL would take its lock file for another
// server's as long as any process, or a zombie, has the pid in it.
func clearSockets(id identity, dir string) error {
	info, err := os.Lstat(dir)
	if err == nil {
		owner := info.Sys().(*syscall.Stat_t).Uid
		if !info.IsDir() || owner != id.uid && owner != uint32(os.Geteuid()) {
			return fmt.Errorf("%s belongs to somebody else", dir)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, name := range []string{".s.PGSQL.5432", ".s.PGSQL.5432.lock"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return id.mkdir(dir)
}
