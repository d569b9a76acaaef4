package attest_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/attest"
)

const tablesSQL = `
	CREATE TABLE words (
		word text COLLATE "C" NOT NULL,
		nth  bigint NOT NULL,
		at   timestamptz,
		raw  bytea,
		size double precision,
		PRIMARY KEY (word, nth)
	);
	CREATE TABLE numbers (n bigint PRIMARY KEY);
	INSERT INTO words VALUES
		('b', 2, '2026-01-02 03:04:05.678901+00', '\x00ff', 0.1),
		('b', 10, NULL, NULL, 1e100),
		('B', 1, NULL, '', '-0'),
		(E'a "b", (c)\n\\', 1, NULL, NULL, NULL),
		('', 1, NULL, NULL, NULL);
	INSERT INTO numbers VALUES (10), (9), (-1);
	INSERT INTO projection_offsets (projection, version, position, updated_at) VALUES ('words', 3, 42, now())`

// wantText is what is hashed, written out by hand.
const wantText = "words\n" +
	`("",1,,,)` + "\n" +
	`(B,1,,"\\x",-0)` + "\n" +
	`("a ""b"", (c)` + "\n" + `\\",1,,,)` + "\n" +
	`(b,2,"2026-01-02 03:04:05.678901+00","\\x00ff",0.1)` + "\n" +
	`(b,10,,,1e+100)` + "\n" +
	"numbers\n(-1)\n(9)\n(10)\n"

func words() projections.Projection {
	return projections.Projection{Name: "words", Version: 3, Tables: []string{"words", "numbers"}}
}

func open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	execute(t, db, tablesSQL)
	return db
}

func execute(t testing.TB, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, db *sql.DB) attest.State {
	t.Helper()
	s, err := attest.Read(t.Context(), db, words())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSumIsAsDocumented(t *testing.T) {
	t.Parallel()
	got := read(t, open(t))
	want := attest.State{Projection: "words", Version: 3, Position: 42, Rows: 8, Sum: sha256.Sum256([]byte(wantText))}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if s := got.Sum.String(); s != fmt.Sprintf("%x", sha256.Sum256([]byte(wantText))) {
		t.Errorf("got %s", s)
	}
}

// What a session or a database has set, and how the rows came about, changes nothing.
func TestSumDependsOnContentAlone(t *testing.T) {
	t.Parallel()
	db := open(t)
	want := read(t, db)
	var name string
	if err := db.QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{
		`TimeZone = 'Asia/Tokyo'`, `DateStyle = 'German'`, `bytea_output = 'escape'`, `extra_float_digits = -5`, `IntervalStyle = 'iso_8601'`,
	} {
		execute(t, db, fmt.Sprintf(`ALTER DATABASE %s SET %s`, name, setting))
	}
	db.SetMaxIdleConns(0) // settings begin with a connection
	execute(t, db, `UPDATE words SET size = size; DELETE FROM numbers WHERE n = 9; INSERT INTO numbers VALUES (9)`)
	execute(t, db, `CREATE SCHEMA other; ALTER TABLE numbers SET SCHEMA other; ALTER TABLE other.numbers SET SCHEMA public`)
	if got := read(t, db); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSumTellsContentsApart(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"a bit":                        "UPDATE words SET raw = '\\x00fe' WHERE nth = 2",
		"a microsecond":                "UPDATE words SET at = at + interval '1 microsecond' WHERE nth = 2",
		"the last digit":               "UPDATE words SET size = 0.1 + 1e-17 * 2 WHERE nth = 2",
		"the sign of zero":             "UPDATE words SET size = 0 WHERE word = 'B'",
		"empty instead of NULL":        "UPDATE words SET raw = '' WHERE nth = 10",
		"NULL instead of empty":        "UPDATE words SET raw = NULL WHERE word = 'B'",
		"a row more":                   "INSERT INTO numbers VALUES (11)",
		"a row less":                   "DELETE FROM numbers WHERE n = 9",
		"a row of another table":       "DELETE FROM numbers WHERE n = 10; INSERT INTO words VALUES ('numbers', 10)",
		"a line that looks like a row": "DELETE FROM words WHERE nth = 10; UPDATE words SET word = E'b,2)\\n(b' WHERE nth = 2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			before := read(t, db)
			execute(t, db, change)
			if after := read(t, db); after.Sum == before.Sum {
				t.Errorf("%s: the sum is the same", name)
			}
		})
	}
}

func TestReadBeforeTheFirstRun(t *testing.T) {
	t.Parallel()
	db := open(t)
	execute(t, db, `DELETE FROM projection_offsets`)
	if got := read(t, db); got.Version != 0 || got.Position != 0 || got.Rows != 8 {
		t.Errorf("got %+v, want version 0", got)
	}
}

func TestReadNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	db := open(t)
	execute(t, db, `ALTER TABLE numbers DROP CONSTRAINT numbers_pkey`)
	_, err := attest.Read(t.Context(), db, words())
	if err == nil || !strings.Contains(err.Error(), "numbers has no primary key") {
		t.Errorf("got %v, want that numbers has no primary key", err)
	}
	execute(t, db, `DROP TABLE words`)
	if _, err = attest.Read(t.Context(), db, words()); err == nil || !strings.Contains(err.Error(), "words") {
		t.Errorf("got %v, want that words is missing", err)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	db := open(t)
	execute(t, db, `INSERT INTO numbers SELECT generate_series(100, 1099); ANALYZE words, numbers`)
	if got, err := attest.Size(t.Context(), db, words().Tables); err != nil || got != 1008 {
		t.Errorf("got %d, %v, want 1008", got, err)
	}
	if got, err := attest.Size(t.Context(), db, []string{"users"}); err != nil || got != 0 { // never looked at
		t.Errorf("got %d, %v, want 0", got, err)
	}
}
