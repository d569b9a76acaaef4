package tasks

import (
	"regexp"
	"testing"

	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// bigTables has 1000 projects of 100 authors, with 100 tasks each for 500 freelancers.
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
	FROM generate_series(0, 99999) AS n;`

// How lists are read.
const (
	projectsSQL = `
		SELECT p.id, p.title
		FROM projects AS p
		WHERE p.position < $1
		ORDER BY p.position DESC
		LIMIT $2`
	allSQL = `
		SELECT t.id, t.title
		FROM tasks AS t
		WHERE t.position < $1
		ORDER BY t.position DESC
		LIMIT $2`
	byProjectSQL = `
		SELECT t.id, t.title
		FROM tasks AS t
		WHERE t.project_id = $1 AND t.position < $2
		ORDER BY t.position DESC
		LIMIT $3`
	byFreelancerSQL = `
		SELECT t.id, t.title
		FROM tasks AS t
		WHERE t.freelancer_id = $1 AND t.position < $2
		ORDER BY t.position DESC
		LIMIT $3`
	byAuthorSQL = `
		SELECT t.id, t.title
		FROM tasks AS t
		WHERE t.author_id = $1 AND t.position < $2
		ORDER BY t.position DESC
		LIMIT $3`
)

func TestPlans(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{bigTables, `VACUUM ANALYZE projects, tasks`} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		query string
		args  []string
		pages int // at most
	}{
		"projects":      {projectsSQL, []string{"900", "20"}, 10},
		"all tasks":     {allSQL, []string{"90000", "20"}, 10},
		"by project":    {byProjectSQL, []string{"numbered('cc', 7)", "90000", "20"}, 30},
		"by freelancer": {byFreelancerSQL, []string{"numbered('ff', 7)", "90000", "20"}, 30},
		"by author":     {byAuthorSQL, []string{"numbered('aa', 7)", "90000", "20"}, 30},
		"status": {updateTasksSQL, []string{
			"ARRAY[numbered('dd', 700)]", "'{done}'", "ARRAY[numbered('aa', 7)]", "'{2026-01-01 00:00:00+00}'",
		}, 20},
	}
	for name, test := range tests {
		for _, mode := range []string{"custom", "generic"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				plan := pgtest.Explain(t, db, mode, test.query, test.args)
				if scan := regexp.MustCompile(`Seq Scan on \w+|Sort Key.*`).FindString(plan); scan != "" {
					t.Errorf("%s:\n%s", scan, plan)
				}
				if n := pgtest.Pages(t, plan); n > test.pages {
					t.Errorf("touches %d pages, want at most %d:\n%s", n, test.pages, plan)
				}
			})
		}
	}
}
