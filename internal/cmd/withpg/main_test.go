package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each command checks by itself what it finds; its exit status is what withpg hands on.
func TestRun(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "dsn")
	t.Setenv("DSN_FILE", dsn)
	for _, test := range []struct {
		name   string
		server string // TEST_DATABASE_URL before
		args   []string
		want   int
		fails  bool
	}{
		{"passes", "", []string{"sh", "-c", `echo "$TEST_DATABASE_URL" >"$DSN_FILE"`}, 0, false},
		{"hands on the status", "", []string{"sh", "-c", "exit 7"}, 7, false},
		{"killed", "", []string{"sh", "-c", "kill -9 $$"}, 137, true},
		{"a server is there", "elsewhere", []string{"sh", "-c", `[ "$TEST_DATABASE_URL" = elsewhere ]`}, 0, false},
		{"no such command", "elsewhere", []string{"/no/such/command"}, 2, true},
		{"no command", "", nil, 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("TEST_DATABASE_URL", test.server)
			got, err := run(t.Context(), test.args)
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("got %d, %v, want %d", got, err, test.want)
			}
		})
	}
	if address, err := os.ReadFile(dsn); err != nil || !strings.HasPrefix(string(address), "postgres://") {
		t.Errorf("address: got %q, %v, want a URL", address, err)
	}
}
