package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// OldestMajor is the major version of the oldest PostgreSQL that our SQL runs on, here and elsewhere.
const OldestMajor = 15

// fetchedMajor is the major version of the PostgreSQL that tools/postgres/install.sh fetches.
const fetchedMajor = 17

// ErrNoPostgres says that no usable PostgreSQL was found on this machine. The error that wraps it
// says where it was looked for and what to do.
var ErrNoPostgres = errors.New("no usable PostgreSQL found")

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// findBinaries returns the first folder of PostgreSQL's programs that the identity can run, of the
// major version wanted (0: any from OldestMajor). Programs that it can't reach are copied to copyTo
// first.
func findBinaries(ctx context.Context, id identity, want int, copyTo string) (string, error) {
	var tried []string
	for _, bin := range candidates() {
		if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
			tried = append(tried, bin+": no initdb")
			continue
		}
		major, err := majorOf(ctx, id, bin)
		if errors.Is(err, syscall.EACCES) && id.drop {
			if bin, err = copyBinaries(id, bin, copyTo); err == nil {
				major, err = majorOf(ctx, id, bin)
			}
		}
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			tried = append(tried, fmt.Sprintf("%s: %v", bin, err))
		case want != 0 && major != want:
			tried = append(tried, fmt.Sprintf("%s: version %d, but the data directory needs %d", bin, major, want))
		case major < OldestMajor:
			tried = append(tried, fmt.Sprintf("%s: version %d is older than %d", bin, major, OldestMajor))
		default:
			return bin, nil
		}
	}
	if len(tried) == 0 {
		tried = []string{"nothing in PG_BIN, PATH, the usual folders and tools/postgres"}
	}
	return "", fmt.Errorf("%w (%s): %s", ErrNoPostgres, strings.Join(tried, "; "), remedy(want))
}

// remedy says how to get programs of the major version wanted (0: any from OldestMajor). Where a data directory wants one,
// `make postgres` may be content with another, and another database would be an empty one.
func remedy(want int) string {
	switch want {
	case 0:
		return fmt.Sprintf("run `make postgres`, or install PostgreSQL >= %d,"+
			" or give the URL of a database in DATABASE_URL", OldestMajor)
	case fetchedMajor:
		return fmt.Sprintf("run `tools/postgres/install.sh --force`, or install PostgreSQL %d", want)
	}
	return fmt.Sprintf("install PostgreSQL %d", want)
}

// majorOf runs the server program as the identity: that finds unreadable folders, missing libraries
// and programs for another machine in one go.
func majorOf(ctx context.Context, id identity, bin string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: id.credential()}
	output, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w %s", err, strings.TrimSpace(string(output)))
	}
	match := versionPattern.FindSubmatch(output)
	if match == nil {
		return 0, fmt.Errorf("unexpected version %q", output)
	}
	return strconv.Atoi(string(match[1]))
}

// copyBinaries copies the installation that the folder of programs belongs to. PostgreSQL finds its
// other files relative to its programs, so that a copy works wherever it is.
func copyBinaries(id identity, bin, to string) (string, error) {
	from := filepath.Dir(bin)
	if _, err := os.Stat(filepath.Join(from, "share")); err != nil {
		return "", fmt.Errorf("user %d cannot run it, and it cannot be copied: %w", id.uid, err)
	}
	if err := os.RemoveAll(to); err != nil {
		return "", err
	}
	if err := id.mkdir(to); err != nil {
		return "", err
	}
	for _, part := range []string{"bin", "lib", "share"} {
		if err := copyTree(filepath.Join(to, part), filepath.Join(from, part)); err != nil {
			return "", err
		}
	}
	return filepath.Join(to, "bin"), chownTree(id, to)
}

// copyTree copies a folder. No child may be on its way to its own program meanwhile: it would have a copy open for writing until it
// gets there, and what is written cannot be run (ETXTBSY).
func copyTree(to, from string) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.CopyFS(to, os.DirFS(from))
}

func chownTree(id identity, dir string) error {
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(id.uid), int(id.gid))
	})
}
