package pgarray_test

import (
	"database/sql"
	"testing"
	"time"

	"chainmail/eventstore"
	"chainmail/eventstore/pgarray"
	"chainmail/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestPostgresReadsWhatWasBuilt sends one array of each type, with a NULL in it, and has
// PostgreSQL say what it got.
func TestPostgresReadsWhatWasBuilt(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.Empty(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	at := time.Date(2026, 2, 28, 23, 59, 59, 123_456_000, time.FixedZone("", 3600))
	for _, test := range []struct {
		ofType string
		build  func() *pgarray.Builder
		fill   func(*pgarray.Builder)
		want   string
	}{
		{"boolean", pgarray.NewBools, func(b *pgarray.Builder) { b.Bool(true); b.Null(); b.Bool(false) }, "{t,NULL,f}"},
		{"bigint", pgarray.NewInt8s, func(b *pgarray.Builder) { b.Int8(-1); b.Null(); b.Int8(1 << 62) }, "{-1,NULL,4611686018427387904}"},
		{"integer", pgarray.NewInt4s, func(b *pgarray.Builder) { b.Int4(-7); b.Null() }, "{-7,NULL}"},
		{"float8", pgarray.NewFloat8s, func(b *pgarray.Builder) { b.Float8(0.13); b.Null() }, "{0.13,NULL}"},
		{"text", pgarray.NewTexts, func(b *pgarray.Builder) { b.Text("é, \"x\""); b.Raw([]byte("")); b.Null() }, `{"é, \"x\"","",NULL}`},
		{"bytea", pgarray.NewByteas, func(b *pgarray.Builder) { b.Raw([]byte{0, 255}); b.Null() }, `{"\\x00ff",NULL}`},
		{"uuid", pgarray.NewUUIDs, func(b *pgarray.Builder) { b.UUID([16]byte{1, 15: 2}); b.Null() }, "{01000000-0000-0000-0000-000000000002,NULL}"},
		{"timestamptz", pgarray.NewTimes, func(b *pgarray.Builder) { b.Time(at); b.Null() }, `{"2026-02-28 22:59:59.123456+00",NULL}`},
	} {
		t.Run(test.ofType, func(t *testing.T) {
			b := test.build()
			empty := string(b.Bytes())
			for range 2 { // a second time with the same memory
				b.Reset()
				test.fill(b)
				if got := read(t, db, test.ofType, b.Bytes()); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			}
			if got := read(t, db, test.ofType, []byte(empty)); got != "{}" {
				t.Errorf("empty: got %s", got)
			}
		})
	}
}

func read(t *testing.T, db *sql.DB, ofType string, array []byte) (text string) {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`SET LOCAL TimeZone = 'UTC'`); err != nil {
		t.Fatal(err)
	}
	if err := tx.QueryRow(`SELECT ($1::`+ofType+`[])::text`, array).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}
