package migrations_test

import (
	"strings"
	"testing"

	"chainmail/migrations"
	"chainmail/migrations/pgtest"
)

func TestFit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version  int
		encoding string
		want     string
	}{
		{140012, "UTF8", "PostgreSQL 14: 15 or later"},
		{90624, "UTF8", "PostgreSQL 9: 15 or later"},
		{150000, "UTF8", ""},
		{170006, "UTF8", ""},
		{150018, "SQL_ASCII", "encoding is SQL_ASCII: make one with ENCODING 'UTF8'"},
	} {
		err := migrations.Fit(test.version, test.encoding)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%d, %s: got %v, want %q", test.version, test.encoding, err, test.want)
		}
	}
}

// A database of another encoding is left as it is: the third file has characters that it may not know.
func TestUpLeavesAnotherEncodingAlone(t *testing.T) {
	t.Parallel()
	db := pgtest.Latin1(t).SQL
	if err := migrations.Up(t.Context(), db, silent); err == nil || !strings.Contains(err.Error(), "encoding is LATIN1") {
		t.Errorf("got %v, want a refusal of the encoding", err)
	}
	var tables int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables); err != nil || tables > 0 {
		t.Errorf("got %d tables, %v, want none", tables, err)
	}
}
