package httpapi

import (
	"regexp"
	"testing"

	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// bigTables has 1,000 projects of 100 authors with 100 tasks each, for 499 freelancers; and 200 notifications of each of
// 1,000 users, by turns.
const bigTables = `
	CREATE FUNCTION numbered(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
	AS $$ SELECT (kind || '000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

	INSERT INTO projects (id, author_id, position, created_at, title)
	SELECT numbered('cc', n), numbered('aa', n % 100), n, now(), repeat('x', 50)
	FROM generate_series(0, 999) AS n;

	INSERT INTO tasks (id, project_id, author_id, freelancer_id, created_by, updated_by,
		position, created_at, updated_at, status, title)
	SELECT numbered('dd', n), numbered('cc', n % 1000), numbered('aa', n % 100), numbered('ff', n % 499),
		numbered('aa', n % 100), numbered('aa', n % 100), 1000 + n, now(), now(), 'open', repeat('x', 50)
	FROM generate_series(0, 99999) AS n;

	INSERT INTO notifications (id, user_id, created_by, position, created_at, read_at, is_read, notification_type, title, message)
	SELECT numbered('dd', n), numbered('aa', n % 1000), numbered('ff', n % 1000),
		n, now(), CASE WHEN n < 100000 THEN now() END, n < 100000, 'project_created', 'New project', repeat('x', 100)
	FROM generate_series(0, 199999) AS n;`

// In large tables a page costs little more than its items.
func TestPagesCostLittle(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{bigTables, `VACUUM ANALYZE projects, tasks, notifications`} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	const author, freelancer, nobody = "numbered('aa', 7)", "numbered('ff', 7)", "numbered('ee', 7)"
	for name, tc := range map[string]struct {
		query string
		args  []string
		pages int // that it may touch
		sorts bool
	}{
		"projects":             {projectsSQL, []string{"900", "20"}, 10, false},
		"all tasks":            {allTasksSQL, []string{"90000", "20"}, 10, false},
		"of a project, author": {tasksOfProjectSQL, []string{"numbered('cc', 7)", "false", author, "90000", "20"}, 40, true},
		"of a project, admin":  {tasksOfProjectSQL, []string{"numbered('cc', 7)", "true", nobody, "90000", "20"}, 40, true},
		"of a project, doer":   {tasksOfProjectSQL, []string{"numbered('cc', 7)", "false", freelancer, "90000", "20"}, 120, true},
		"of a project, nobody": {tasksOfProjectSQL, []string{"numbered('cc', 7)", "false", nobody, "90000", "20"}, 120, true},
		"of an author":         {tasksOfUserSQL, []string{author, "90000", "20"}, 120, true},
		"of a freelancer":      {tasksOfUserSQL, []string{freelancer, "90000", "20"}, 120, true},
		"of nobody":            {tasksOfUserSQL, []string{nobody, "90000", "20"}, 10, true},
		"notifications":        {notificationsSQL, []string{"numbered('aa', 500)", "150000", "20"}, 30, false},
	} {
		for _, mode := range []string{"custom", "generic"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				plan := pgtest.Explain(t, db, mode, tc.query, tc.args)
				if scan := regexp.MustCompile(`Seq Scan on \w+`).FindString(plan); scan != "" {
					t.Errorf("%s:\n%s", scan, plan)
				}
				if sort := regexp.MustCompile(`Sort Key.*`).FindString(plan); sort != "" && !tc.sorts {
					t.Errorf("%s:\n%s", sort, plan)
				}
				if n := pgtest.Pages(t, plan); n > tc.pages {
					t.Errorf("touches %d pages, want at most %d:\n%s", n, tc.pages, plan)
				}
			})
		}
	}
}
