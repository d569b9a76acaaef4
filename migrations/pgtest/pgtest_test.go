package pgtest_test

import (
	"database/sql"
	"fmt"
	"testing"

	"chainmail/migrations"
	"chainmail/migrations/pgtest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			if _, err := db.SQL.ExecContext(t.Context(), `CREATE TABLE own (id integer)`); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestNewIsMigrated(t *testing.T) {
	t.Parallel()
	left, err := migrations.Pending(t.Context(), pgtest.New(t).SQL)
	if err != nil || len(left) != 0 {
		t.Errorf("pending: got %v, %v, want none", left, err)
	}
}

func TestEmptyIsNotMigrated(t *testing.T) {
	t.Parallel()
	left, err := migrations.Pending(t.Context(), pgtest.Empty(t).SQL)
	if err != nil || len(left) == 0 {
		t.Errorf("pending: got %v, %v, want all", left, err)
	}
}

func TestLocaleIsC(t *testing.T) {
	t.Parallel()
	for name, db := range map[string]*pgtest.DB{"new": pgtest.New(t), "empty": pgtest.Empty(t)} {
		const query = `SELECT datcollate || ' ' || pg_encoding_to_char(encoding)
			FROM pg_database
			WHERE datname = current_database()`
		var got string
		if err := db.SQL.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != "C UTF8" {
			t.Errorf("%s: got %q, %v, want C UTF8", name, got, err)
		}
	}
}

func TestWithAddsAParameter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ dsn, want string }{
		{"postgres://u@h/d", "postgres://u@h/d?binary_parameters=yes"},
		{"postgres://u@h/d?sslmode=disable", "postgres://u@h/d?sslmode=disable&binary_parameters=yes"},
		{"host=h dbname=d", "host=h dbname=d binary_parameters='yes'"},
	} {
		if got := (&pgtest.DB{DSN: test.dsn}).With("binary_parameters", "yes"); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
	db := pgtest.Empty(t)
	pool, err := sql.Open("postgres", db.With("application_name", "a b&c"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var got string
	if err := pool.QueryRowContext(t.Context(), `SHOW application_name`).Scan(&got); err != nil || got != "a b&c" {
		t.Errorf("got %q, %v, want the parameter", got, err)
	}
}
