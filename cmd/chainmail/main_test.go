package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"chainmail/migrations/pgtest"
)

// TestMain makes the test binary play the program too: a copy of it is in PATH as "chainmail".
//
// Most tests wait for other processes most of the time, so that more of them may run at once than there are processors;
// -parallel says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	testscript.Main(pgtest.Runner{M: m}, map[string]func(){"chainmail": main})
}

// TestScripts runs testdata/*.txt. Next to testscript's own commands they have
//
//	exits STATUS COMMAND [ARGUMENT…]   runs a command, which has to end with that very status
//	keep NAME                          sets a variable to what the last command printed
//	database NAME [empty]              sets a variable to the URL of a database of its own, with a password
//	sql URL STATEMENT                  executes a statement
//
// and the variables EXPORT and KEYS, an export of a small log and its keys, and POLICY, smallPolicy's.
func TestScripts(t *testing.T) {
	t.Parallel()
	export, err := filepath.Abs("../../audit/testdata/export-1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	policy, err := filepath.Abs("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("CHAINMAIL_DATA_DIR", e.WorkDir+"/data")
			e.Setenv("EXPORT", export)
			e.Setenv("POLICY", policy)
			e.Setenv("KEYS", strings.TrimSuffix(export, "jsonl")+"key")
			e.Values[tbKey{}] = e.T()
			name, value, _ := strings.Cut(endAtOnce, "=")
			e.Setenv(name, value)
			for _, name := range postgresVariables {
				e.Setenv(name, os.Getenv(name))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "keep": keep, "database": makeDatabase, "sql": executeSQL,
		},
		RequireExplicitExec: true,
	})
}

// tbKey is where a script keeps its testing.TB.
type tbKey struct{}

// postgresVariables say where PostgreSQL's programs are.
var postgresVariables = []string{"PG_BIN", "PG_RUN_AS"}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARGUMENT…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status: got %d, want %d", got, want)
	}
}

func keep(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: keep NAME")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

func makeDatabase(ts *testscript.TestScript, _ bool, args []string) {
	tb := ts.Value(tbKey{}).(testing.TB)
	switch {
	case len(args) == 1:
		ts.Setenv(args[0], withPassword(tb, pgtest.New(tb).DSN))
	case len(args) == 2 && args[1] == "empty":
		ts.Setenv(args[0], withPassword(tb, pgtest.Empty(tb).DSN))
	default:
		ts.Fatalf("usage: database NAME [empty]")
	}
}

// withPassword adds a password to an address that has none. The tests' own server asks for none
// and so takes any.
func withPassword(t testing.TB, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("the tests' database needs a URL: %v", err)
	}
	if _, has := u.User.Password(); !has {
		u.User = url.UserPassword(u.User.Username(), "s3cret")
	}
	return u.String()
}

func executeSQL(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sql URL STATEMENT")
	}
	db, err := sql.Open("postgres", args[0])
	ts.Check(err)
	defer db.Close()
	_, err = db.ExecContext(context.Background(), args[1])
	ts.Check(err)
}
