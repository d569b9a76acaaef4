package migrations_test

import (
	"testing"

	"chainmail/migrations"
	"chainmail/migrations/pgtest"
)

// 0005_auth.sql says of each table, column and index what it holds. Taken back, nothing is left of it.
func TestAuthTables(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	const undescribed = `
		SELECT coalesce(string_agg(name, ', '), '')
		FROM (
			SELECT c.relname || '.' || a.attname AS name
			FROM pg_class AS c
			JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
			WHERE c.relname LIKE 'auth\_%' AND c.relkind = 'r' AND col_description(c.oid, a.attnum) IS NULL
			UNION ALL
			SELECT relname
			FROM pg_class
			WHERE relname LIKE 'auth\_%' AND obj_description(oid, 'pg_class') IS NULL
		) AS missing`
	var names string
	if err := db.QueryRowContext(t.Context(), undescribed).Scan(&names); err != nil || names != "" {
		t.Errorf("without a comment: %s (%v)", names, err)
	}
	const relations = `SELECT count(*) FROM pg_class WHERE relname LIKE 'auth\_%'`
	count := func(what string, want int) {
		t.Helper()
		var got int
		if err := db.QueryRowContext(t.Context(), relations).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d tables and indexes, %v, want %d", what, got, err, want)
		}
	}
	count("migrated", 14)
	provider, err := migrations.Embedded(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	count("taken back", 0)
	if err := migrations.Up(t.Context(), db, silent); err != nil {
		t.Fatal(err)
	}
	count("again", 14)
}
