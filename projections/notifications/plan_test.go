package notifications

import (
	"regexp"
	"testing"

	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// bigTable has 200 notifications of each of 1000 users, by turns. Half are read.
const bigTable = `
	INSERT INTO notifications (id, user_id, created_by, position, created_at, read_at, is_read, notification_type, title, message)
	SELECT ('dd000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
		('aa000000-0000-7000-8000-' || lpad((n % 1000)::text, 12, '0'))::uuid, gen_random_uuid(),
		n, now(), CASE WHEN n < 100000 THEN now() END, n < 100000, 'project_created', 'New project', repeat('x', 100)
	FROM generate_series(0, 199999) AS n`

// That one is read looks for that one alone.
func TestUpdatePlan(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{bigTable, `VACUUM ANALYZE notifications`} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{
		"'{dd000000-0000-7000-8000-000000150500}'", "'{aa000000-0000-7000-8000-000000000500}'", "'{2026-01-01 00:00:00+00}'",
	}
	for _, mode := range []string{"custom", "generic"} {
		t.Run(mode, func(t *testing.T) {
			plan := pgtest.Explain(t, db, mode, updateSQL, args)
			if scan := regexp.MustCompile(`Seq Scan on \w+`).FindString(plan); scan != "" {
				t.Errorf("%s:\n%s", scan, plan)
			}
			if n := pgtest.Pages(t, plan); n > 20 {
				t.Errorf("touches %d pages, want at most 20:\n%s", n, plan)
			}
		})
	}
}
