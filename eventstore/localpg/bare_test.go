package localpg_test

import (
	"database/sql"
	"os"
	"testing"

	_ "github.com/lib/pq"

	"chainmail/eventstore/localpg"
)

// What was committed is there again after a kill -9 and a start on the same folder.
func TestBareSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "bare-") // short enough for a socket, and PostgreSQL's user can pass
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	execute := func(server *localpg.Bare, statement string) {
		t.Helper()
		db, err := sql.Open("postgres", server.DSN)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	server, err := localpg.StartBare(t.Context(), dir, nil, "max_connections=20")
	if err != nil {
		t.Fatal(err)
	}
	execute(server, `CREATE TABLE kept AS SELECT 1 AS n`)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if server, err = localpg.StartBare(t.Context(), dir, nil, "max_connections=20"); err != nil {
		t.Fatal(err)
	}
	execute(server, `DROP TABLE kept`)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
}
