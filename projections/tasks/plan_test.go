package tasks

import (
	"regexp"
	"testing"

	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// bigTable has 100,000 tasks.
const bigTable = `
	CREATE FUNCTION numbered(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
	AS $$ SELECT (kind || '000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

	INSERT INTO tasks (id, project_id, author_id, freelancer_id, created_by, updated_by,
		position, created_at, updated_at, status, title)
	SELECT numbered('dd', n), numbered('cc', n % 1000), numbered('aa', n % 100), numbered('ff', n % 499),
		numbered('aa', n % 100), numbered('aa', n % 100), 1000 + n, now(), now(), 'open', repeat('x', 50)
	FROM generate_series(0, 99999) AS n;`

// A change of status looks for its own task alone.
func TestUpdatePlan(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{bigTable, `VACUUM ANALYZE tasks`} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{
		"ARRAY[numbered('dd', 700)]", "'{done}'", "ARRAY[numbered('aa', 7)]", "'{2026-01-01 00:00:00+00}'",
	}
	for _, mode := range []string{"custom", "generic"} {
		t.Run(mode, func(t *testing.T) {
			plan := pgtest.Explain(t, db, mode, updateTasksSQL, args)
			if scan := regexp.MustCompile(`Seq Scan on \w+`).FindString(plan); scan != "" {
				t.Errorf("%s:\n%s", scan, plan)
			}
			if n := pgtest.Pages(t, plan); n > 20 {
				t.Errorf("touches %d pages, want at most 20:\n%s", n, plan)
			}
		})
	}
}
