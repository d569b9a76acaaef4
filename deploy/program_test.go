// Package deploy_test holds the files of this folder against the program that they run, and against their own standards where
// there is something that knows them (tools/deploy/install.sh).
package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"chainmail/migrations/pgtest"
)

// programs is the folder that the program is built into, gone after the tests. Set by TestMain alone.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "chainmail-deploy-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := pgtest.Runner{M: m}.Run()
	os.RemoveAll(programs)
	os.Exit(status)
}

// build builds the program once, with the race detector if the tests have it, so that most of it is built already.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programs, "chainmail")
	args := []string{"build", "-o", path}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" && s.Value == "true" {
				args = append(args, "-race")
			}
		}
	}
	output, err := exec.Command("go", append(args, "../cmd/chainmail")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, output)
	}
	return path, nil
})

// program returns the path of the program.
func program(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// command returns a command of the program with an environment of its own.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "GORACE=atexit_sleep_ms=0"}, env...)
	return cmd
}

var (
	flagPattern     = regexp.MustCompile(`--(\[no-\])?([a-z][a-z-]*)`)
	variablePattern = regexp.MustCompile(`\bCHAINMAIL_[A-Z0-9_]+\b`)
)

// flags returns the flags of a command, as --help tells them.
func flags(t *testing.T, args ...string) map[string]bool {
	t.Helper()
	known := make(map[string]bool)
	for _, match := range flagPattern.FindAllStringSubmatch(help(t, args...), -1) {
		known["--"+match[2]] = true
	}
	return known
}

// variables returns the environment variables of a command, as --help tells them.
func variables(t *testing.T, args ...string) map[string]bool {
	t.Helper()
	known := make(map[string]bool)
	for _, name := range variablePattern.FindAllString(help(t, args...), -1) {
		known[name] = true
	}
	return known
}

func help(t *testing.T, args ...string) string {
	t.Helper()
	output, err := command(t, nil, append(args, "--help")...).CombinedOutput()
	if err != nil {
		t.Fatalf("chainmail %v --help: %v\n%s", args, err, output)
	}
	return string(output)
}

// readsFile reports whether the program takes a variable's value from a file: a missing one is an error that names it.
func readsFile(t *testing.T, variable string) bool {
	t.Helper()
	output, err := command(t, []string{variable + "=/nowhere/at/all"}, "serve", "--help").CombinedOutput()
	return err != nil && strings.Contains(string(output), variable)
}
