package localpg_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// half is how each false initdb begins: "$OUT" is the data directory, its last argument.
const half = "#!/bin/sh\nfor OUT; do :; done\necho 15 >\"$OUT/PG_VERSION\"\nmkdir \"$OUT/base\"\n"

func TestKilledInitdb(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	output, err := userWith(t, half+"kill -9 $$\n", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "initdb") || !strings.Contains(string(output), "killed") {
		t.Errorf("got %q, %v, want that initdb was killed", output, err)
	}
	checkStartsAfresh(t, dir)
}

func TestKilledKeeperDuringInitdb(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	user := userWith(t, half+"echo $PPID $$ >\"$OUT/pids\"\nexec sleep 600\n", dir)
	if err := user.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = user.Wait() }()
	defer func() { _ = user.Process.Kill() }()
	var pids []string
	eventually(t, "initdb at work", func() error {
		content, err := os.ReadFile(filepath.Join(dir, "postgres/data.init/pids"))
		if pids = strings.Fields(string(content)); err == nil && len(pids) < 2 {
			return errors.New("not written yet")
		}
		return err
	})
	keeper, _ := strconv.Atoi(pids[0])
	initdb, _ := strconv.Atoi(pids[1])
	// A user who is awake would start another keeper.
	if err := user.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	kill(t, keeper)
	awaitEnd(t, initdb)
	if err := user.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	checkStartsAfresh(t, dir)
}

func checkStartsAfresh(t *testing.T, dir string) {
	t.Helper()
	unfinished := filepath.Join(dir, "postgres/data.init")
	if _, err := os.Stat(filepath.Join(unfinished, "base")); err != nil {
		t.Errorf("half-made data: %v, want them left for the next start", err)
	}
	execute(t, start(t, dir).DSN, `CREATE TABLE kept AS SELECT 1`)
	if _, err := os.Stat(unfinished); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: got %v, want none", unfinished, err)
	}
}

// userWith returns a user process whose initdb is the script.
func userWith(t *testing.T, script, dataDir string) *exec.Cmd {
	t.Helper()
	bin := openTempDir(t)
	// A child of another test would have the script open for writing until it runs its own program, and the script could not be run.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for name, content := range map[string]string{
		"initdb":   script,
		"postgres": "#!/bin/sh\necho 'postgres (PostgreSQL) 15.0'\n",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(options(dataDir).Keeper[0], "user", dataDir)
	cmd.Env = append(os.Environ(), "PG_BIN="+bin)
	return cmd
}
