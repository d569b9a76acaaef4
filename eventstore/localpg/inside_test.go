package localpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadPidFile(t *testing.T) {
	t.Parallel()
	const body = "/data\n1700000000\n5432\n/run\n\n  1234  5\n"
	for name, test := range map[string]struct {
		content string
		want    pidFile
		ok      bool
	}{
		"ready":         {"77\n" + body + "ready   \n", pidFile{77, true}, true},
		"starting":      {"77\n" + body + "starting\n", pidFile{77, false}, true},
		"no status yet": {"77\n/data\n", pidFile{77, false}, true},
		"single user":   {"-77\n/data\n", pidFile{}, false},
		"being written": {"", pidFile{}, false},
		"not a pid":     {"x\n", pidFile{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "postmaster.pid"), test.content, 0o600)
			got, ok := readPidFile(dir)
			if got != test.want || ok != test.ok {
				t.Errorf("got %v, %v, want %v, %v", got, ok, test.want, test.ok)
			}
		})
	}
}

func TestDisownKeepsAllButThePid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "postmaster.pid")
	writeFile(t, path, "77\n/data\n77\n", 0o600)
	if err := disown(dir, 77); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := fmt.Sprintf("%d\n/data\n77\n", os.Getpid()); err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestBoundLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	steps := []struct {
		add           int
		size, sizeOld int64
	}{
		{logLimit - 1, logLimit - 1, -1},
		{1, 0, logLimit},
		{10, 10, logLimit},
	}
	for i, step := range steps {
		if _, err := log.WriteString(strings.Repeat("x", step.add)); err != nil {
			t.Fatal(err)
		}
		if err := boundLog(log); err != nil {
			t.Fatal(err)
		}
		if got, old := size(path), size(path+".1"); got != step.size || old != step.sizeOld {
			t.Errorf("step %d: got %d and %d bytes, want %d and %d", i, got, old, step.size, step.sizeOld)
		}
	}
	if got := tail(path, logLimit); got != strings.Repeat("x", 10) {
		t.Errorf("tail after a cut: got %q, want what is there", got)
	}
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

// Who waits looks at any moment: he must never find a failure whose reason is still being written.
func TestFailureIsSeenWhole(t *testing.T) {
	t.Parallel()
	l := layout{root: t.TempDir()}
	reason := errors.New(strings.Repeat("the disk is full; ", 100))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range 5_000 {
			noteFailure(l, reason)
			os.Remove(l.path("failed"))
		}
	}()
	for {
		if got, err := os.ReadFile(l.path("failed")); err == nil && string(got) != reason.Error() {
			t.Errorf("got %q, want the reason or no file", got)
			break
		}
		select {
		case <-ended:
			return
		default:
		}
	}
	<-ended
}

func TestSocketPathIsShort(t *testing.T) {
	t.Parallel()
	long := layout{root: "/" + strings.Repeat("x", 100)}
	for name, test := range map[string]struct {
		layout    layout
		reachable bool
		short     bool
	}{
		"short":       {layout{root: "/data"}, true, false},
		"long":        {long, true, true},
		"unreachable": {layout{root: "/data"}, false, true},
	} {
		got := test.layout.sockets(test.reachable)
		if strings.HasPrefix(got, "/tmp/chainmail-") != test.short || len(got) > 84 {
			t.Errorf("%s: got %s", name, got)
		}
		if again := test.layout.sockets(test.reachable); again != got {
			t.Errorf("%s: got %s, then %s, want the same", name, got, again)
		}
	}
}

func TestForeignSocketFolderIsRefused(t *testing.T) {
	t.Parallel()
	id := identity{uid: uint32(os.Geteuid()) + 1}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	if err := clearSockets(id, link); err == nil {
		t.Error("a symbolic link: got no error, want one")
	}
}

func TestTakeSlot(t *testing.T) {
	t.Parallel()
	base, uid := t.TempDir(), os.Geteuid()
	foreign := filepath.Join(base, fmt.Sprintf("chainmail-test-%d-0", uid))
	if err := os.Symlink(t.TempDir(), foreign); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1", "2"} {
		dir, lock, err := takeSlot(base, uid)
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Close()
		if !strings.HasSuffix(dir, "-"+want) {
			t.Errorf("got %s, want slot %s", dir, want)
		}
	}
}

// The programs in root's home are of no use to PostgreSQL's user, but a copy is.
func TestUnreachableProgramsAreCopied(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root becomes another user")
	}
	id, err := chooseIdentity(filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	prefix := t.TempDir() // nobody but root can enter its parent
	for _, dir := range []string{"bin", "lib", "share"} {
		if err := os.Mkdir(filepath.Join(prefix, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const script = "#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\n"
	bin := filepath.Join(prefix, "bin")
	writeFile(t, filepath.Join(bin, "postgres"), script, 0o755)
	writeFile(t, filepath.Join(bin, "initdb"), script, 0o755)
	writeFile(t, filepath.Join(prefix, "lib/libx.so.1"), "", 0o644)
	if err := os.Symlink("libx.so.1", filepath.Join(prefix, "lib/libx.so")); err != nil {
		t.Fatal(err)
	}
	if _, err := majorOf(t.Context(), id, bin); !errors.Is(err, syscall.EACCES) {
		t.Fatalf("the original: got %v, want %v", err, syscall.EACCES)
	}
	copyTo := filepath.Join("/tmp", "chainmail-copy-"+filepath.Base(filepath.Dir(prefix)))
	defer os.RemoveAll(copyTo)
	t.Setenv("PG_BIN", bin)
	got, err := findBinaries(t.Context(), id, 99, copyTo)
	if want := filepath.Join(copyTo, "bin"); err != nil || got != want {
		t.Fatalf("got %s, %v, want %s", got, err, want)
	}
	if link, err := os.Readlink(filepath.Join(copyTo, "lib/libx.so")); err != nil || link != "libx.so.1" {
		t.Errorf("link: got %s, %v, want it copied as one", link, err)
	}
}

func TestNoProgramsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	id, err := chooseIdentity(filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = findBinaries(t.Context(), id, 9, filepath.Join(t.TempDir(), "pgsql"))
	if !errors.Is(err, ErrNoPostgres) {
		t.Fatalf("got %v, want %v", err, ErrNoPostgres)
	}
	if got := err.Error(); !strings.HasSuffix(got, "): "+remedy(9)) {
		t.Errorf("got %s, want it to end with %q", got, remedy(9))
	}
}

// TestRemedies: what is said to do helps. A data directory of one version is not helped by `make postgres`, which is content with
// any, nor by another database, which has none of its data.
func TestRemedies(t *testing.T) {
	t.Parallel()
	packages, err := os.ReadFile("../../tools/postgres/package.json")
	if err != nil {
		t.Fatal(err)
	}
	if fetched := fmt.Sprintf(`": "%d.`, fetchedMajor); strings.Count(string(packages), fetched) != 4 {
		t.Errorf("%s fetches another version than %d", packages, fetchedMajor)
	}
	for want, says := range map[int]string{
		0:            "run `make postgres`, or install PostgreSQL >= 15, or give the URL of a database in DATABASE_URL",
		fetchedMajor: "run `tools/postgres/install.sh --force`, or install PostgreSQL 17",
		15:           "install PostgreSQL 15",
	} {
		if got := remedy(want); got != says {
			t.Errorf("for %d: got %q, want %q", want, got, says)
		}
	}
}

func writeFile(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}
