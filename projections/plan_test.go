package projections

import (
	"database/sql"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// manyEvents has 50,000 events, all but a few of which no projection has applied.
const manyEvents = `
	INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
	SELECT n, gen_random_uuid(), 'receipts-' || n, 1, 'MessageRead', '{}', '{}', now(), decode(repeat('00', 32), 'hex')
	FROM generate_series(1, 50000) AS n;

	INSERT INTO projection_offsets (projection, version, position, updated_at)
	SELECT name, 1, position, now()
	FROM (VALUES ('one', 10), ('two', 20), ('three', 30), ('four', 49000)) AS o (name, position)`

// How far projections are is asked once a second by each server: that must not cost more the further they are behind, whether
// or not PostgreSQL knows how long the log is.
func TestOffsetsAreReadQuickly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if _, err := db.SQL.ExecContext(t.Context(), `ANALYZE events`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.SQL.ExecContext(t.Context(), manyEvents); err != nil {
		t.Fatal(err)
	}
	for _, known := range []string{`SELECT 1`, `ANALYZE events`} {
		if _, err := db.SQL.ExecContext(t.Context(), known); err != nil {
			t.Fatal(err)
		}
		plan := explain(t, db.SQL)
		if pages := pgtest.Pages(t, plan); pages > 100 {
			t.Errorf("%d pages were read:\n%s", pages, plan)
		}
	}
}

func explain(t *testing.T, db *sql.DB) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `EXPLAIN (ANALYZE, BUFFERS, TIMING off) `+readOffsetsSQL)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(plan.String(), "Planning:")
	return before
}
