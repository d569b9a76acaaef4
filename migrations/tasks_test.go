package migrations_test

import (
	"testing"

	"chainmail/migrations"
	"chainmail/migrations/pgtest"
)

// 0006_tasks.sql says of each table, column and index what it holds. Taken back, nothing is left of it, so that tables made
// again are filled from the log's beginning.
func TestTaskTables(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	const undescribed = `
		SELECT coalesce(string_agg(name, ', '), '')
		FROM (
			SELECT c.relname || '.' || a.attname AS name
			FROM pg_class AS c
			JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
			WHERE c.relname IN ('notifications', 'projects', 'tasks') AND col_description(c.oid, a.attnum) IS NULL
			UNION ALL
			SELECT c.relname
			FROM pg_class AS c
			WHERE c.relname ~ '^(notifications|projects|tasks)(_|$)' AND obj_description(c.oid, 'pg_class') IS NULL
		) AS missing`
	var names string
	if err := db.QueryRowContext(t.Context(), undescribed).Scan(&names); err != nil || names != "" {
		t.Errorf("without a comment: %s (%v)", names, err)
	}
	count := func(what, query string, want int) {
		t.Helper()
		var got int
		if err := db.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", what, got, err, want)
		}
	}
	const relations = `SELECT count(*) FROM pg_class WHERE relname ~ '^(notifications|projects|tasks)(_|$)'`
	count("tables and indexes", relations, 13)
	const offsets = `
		INSERT INTO projection_offsets (projection, version, position, updated_at)
		SELECT name, 1, 7, now() FROM unnest(ARRAY['messages', 'notifications', 'tasks']) AS name`
	if _, err := db.ExecContext(t.Context(), offsets); err != nil {
		t.Fatal(err)
	}
	provider, err := migrations.Embedded(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	count("tables and indexes, taken back", relations, 0)
	count("offsets left", `SELECT count(*) FROM projection_offsets`, 1)
	if err := migrations.Up(t.Context(), db, silent); err != nil {
		t.Fatal(err)
	}
	count("tables and indexes again", relations, 13)
}
