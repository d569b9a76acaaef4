// Package internal_test keeps the module's parts apart.
package internal_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "chainmail/"

// allowed says which parts of the module a part may rest on, beside itself, directly or not.
var allowed = map[string][]string{
	"domain":      {},
	"merkle":      {},
	"web":         {},
	"guard":       {"domain"},
	"eventstore":  {"domain", "merkle"},
	"migrations":  {"eventstore", "domain", "merkle"}, // pgtest starts a PostgreSQL of eventstore/localpg
	"projections": {"eventstore", "domain", "merkle"},
	"transport":   {"guard", "eventstore", "domain", "merkle"},
	"audit":       {"projections", "eventstore", "domain", "merkle"},
}

// standardOnly is the part that imports nothing but itself and the standard library.
const standardOnly = "domain"

// testSupport ends the names of packages that only tests import, and that may join what is apart.
const testSupport = "test"

func TestImportDirections(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	touch(t, root)
	for part, others := range allowed {
		if _, err := os.Stat(filepath.Join(root, part)); err != nil {
			continue // it has no code yet
		}
		for _, p := range list(t, root, "./"+part+"/...") {
			if strings.HasSuffix(p, testSupport) {
				continue
			}
			for _, dep := range list(t, root, "-deps", p) {
				checkDependency(t, part, others, p, dep)
			}
		}
	}
}

func checkDependency(t *testing.T, part string, others []string, p, dep string) {
	t.Helper()
	inside, ours := strings.CutPrefix(dep, module)
	if !ours {
		host, _, _ := strings.Cut(dep, "/")
		if part == standardOnly && strings.Contains(host, ".") { // the standard library has no dot there
			t.Errorf("%s rests on %s: it may use the standard library alone", p, dep)
		}
		return
	}
	top, _, _ := strings.Cut(inside, "/")
	if top == part || slices.Contains(others, top) {
		return
	}
	t.Errorf("%s rests on %s: %s may use %v of ours alone", p, dep, part, others)
}

// list runs go list.
func list(t *testing.T, root string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Fields(string(output))
}

// touch looks at every Go file, so that Go's test cache knows what this test rests on.
func touch(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
