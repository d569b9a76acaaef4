package eventstore

import (
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// The end of a stream is found by the stream's index, however rare its events are, and when it has none; in partitions that are
// still empty too, since the plan is kept when they fill up.
func TestLastUsesTheStreamsIndex(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	conn, err := db.SQL.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{
		`INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		SELECT n, gen_random_uuid(), CASE WHEN n % 1000 = 7 THEN 'seals' ELSE 'user-' || n % 700 END, n,
			'MessageDelivered', '{}', '{}', now(), sha256(n::text::bytea)
		FROM generate_series(9950001, 9999999) AS n`,
		`ANALYZE events`,
		`PREPARE last (text) AS ` + readLastSQL,
		`SET plan_cache_mode = force_generic_plan`,
	} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, stream := range []string{"seals", "user-1", "nobody"} {
		rows, err := conn.QueryContext(t.Context(), `EXPLAIN (ANALYZE, TIMING off) EXECUTE last ('`+stream+`')`)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "\n")
		if strings.Contains(text, "Seq Scan") || strings.Contains(text, "Sort  ") || strings.Contains(text, "pkey") || !strings.Contains(text, "Index Cond: ((hashtextextended(") {
			t.Errorf("%s: want the stream's index alone, got\n%s", stream, text)
		}
	}
}
