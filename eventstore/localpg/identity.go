package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// identity is the user that PostgreSQL and its tools run as.
type identity struct {
	uid, gid uint32
	// drop says that this process is root and has to become that user.
	drop bool
	// nameless says that the user has no entry in the user database, which initdb demands.
	nameless bool
}

// chooseIdentity returns the owner of the data directory if that exists, else, for root, the first
// user there is of PG_RUN_AS, postgres and nobody, else ourselves.
func chooseIdentity(data string) (identity, error) {
	if os.Geteuid() != 0 {
		id := identity{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
		_, err := user.LookupId(strconv.Itoa(os.Geteuid()))
		id.nameless = err != nil
		return id, nil
	}
	info, err := os.Stat(data)
	if err == nil {
		owner := info.Sys().(*syscall.Stat_t)
		if owner.Uid != 0 {
			return identity{uid: owner.Uid, gid: owner.Gid, drop: true}, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return identity{}, err
	}
	if name := os.Getenv("PG_RUN_AS"); name != "" {
		id, err := lookupIdentity(name)
		if err != nil {
			return identity{}, fmt.Errorf("run as PG_RUN_AS=%s: %w", name, err)
		}
		return id, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if id, err := lookupIdentity(name); err == nil {
			return id, nil
		}
	}
	return identity{}, errors.New("PostgreSQL does not run as root, and there is no user postgres" +
		" or nobody: name one in PG_RUN_AS")
}

func lookupIdentity(name string) (identity, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return identity{}, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return identity{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return identity{}, err
	}
	if uid == 0 {
		return identity{}, errors.New("PostgreSQL does not run as root")
	}
	return identity{uid: uint32(uid), gid: uint32(gid), drop: true}, nil
}

// mkdir makes a folder that only the identity (and root) can enter; one that exists becomes so.
func (id identity) mkdir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if id.drop {
		if err := os.Lchown(dir, int(id.uid), int(id.gid)); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o700)
}

// canEnter tells whether the identity can enter a folder by its path.
func (id identity) canEnter(dir string) bool {
	// A child becomes the identity before it changes to its folder.
	cmd := exec.Command("/bin/sh", "-c", ":")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: id.credential()}
	return cmd.Run() == nil
}

// credential returns what makes a child run as the identity; nil when it does so anyway.
func (id identity) credential() *syscall.Credential {
	if !id.drop {
		return nil
	}
	return &syscall.Credential{Uid: id.uid, Gid: id.gid, Groups: []uint32{}}
}
