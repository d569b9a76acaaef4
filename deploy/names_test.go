package deploy_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// files returns the contents of all files of this folder but its tests and the secrets that somebody made here.
func files(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "secrets":
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(path, ".go") || d.Name() == ".env":
			return nil
		}
		raw, err := os.ReadFile(path)
		found[path] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 15 {
		t.Fatalf("only %d files found", len(found))
	}
	return found
}

// Whatever a file sets or mentions is something that the program knows.
func TestVariablesExist(t *testing.T) {
	t.Parallel()
	known := variables(t, "serve")
	if !known["CHAINMAIL_LISTEN"] {
		t.Fatalf("--help names no variables: %v", known)
	}
	for path, text := range files(t) {
		for _, name := range variablePattern.FindAllString(text, -1) {
			if !known[name] && !readsFile(t, name) {
				t.Errorf("%s: the program does not know %s", path, name)
			}
		}
	}
}

// commandPattern finds a command of the program in a line of a comment.
var commandPattern = regexp.MustCompile(`\bchainmail (serve|migrate up|user add|token|log-key show|log-key rotate)\b([^#;|]*)`)

func TestFlagsExist(t *testing.T) {
	t.Parallel()
	commands := 0
	for path, text := range files(t) {
		for _, match := range commandPattern.FindAllStringSubmatch(text, -1) {
			line, _, _ := strings.Cut(match[2], "\n")
			known := flags(t, strings.Fields(match[1])...)
			for _, flag := range flagPattern.FindAllString(line, -1) {
				commands++
				if !known[flag] {
					t.Errorf("%s: chainmail %s has no %s", path, match[1], flag)
				}
			}
		}
	}
	if commands == 0 {
		t.Error("no flag found: the pattern is wrong")
	}
}

// secretPatterns match what looks like a secret's value: it belongs into a file that is not here.
var secretPatterns = map[string]*regexp.Regexp{
	"a password in an address": regexp.MustCompile(`://[^:/\s]+:[^@/\s]+@`),
	"hexadecimal digits":       regexp.MustCompile(`\b[0-9a-fA-F]{32,}\b`),
	"base64":                   regexp.MustCompile(`[A-Za-z0-9+/]{40,}={0,2}`),
	"a private key":            regexp.MustCompile(`PRIVATE KEY`),
	"a secret's own variable":  regexp.MustCompile(`(JWT_SECRET|DATABASE_URL|LLM_KEY|PASSWORD)\s*[=:]\s*\S`),
	"a Secret with its data":   regexp.MustCompile(`(?m)^\s*(stringData|data):`),
}

// placeholders are what looks like one and is none.
var placeholders = strings.NewReplacer(
	"postgres://chainmail:…@", "",
	"postgres://chainmail:$(cat secrets/database-password)@", "",
	"PASSWORD :'password'", "", // a variable of psql
)

func TestNoSecrets(t *testing.T) {
	t.Parallel()
	for path, text := range files(t) {
		text = placeholders.Replace(text)
		for what, pattern := range secretPatterns {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s has %s: %q", path, what, found)
			}
		}
	}
}
