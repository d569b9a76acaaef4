package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Explain runs a query, planned for its arguments (custom) or for any (generic), and returns the plan with what it touched. The
// arguments are SQL; settings are statements that come before, in the same transaction, which is rolled back.
func Explain(t testing.TB, db *sql.DB, mode, query string, args []string, settings ...string) string {
	t.Helper()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	settings = append(settings,
		fmt.Sprintf(`SET LOCAL plan_cache_mode = force_%s_plan`, mode), `DEALLOCATE ALL`, `PREPARE explained AS `+query)
	for _, statement := range settings {
		if _, err := tx.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := tx.QueryContext(context.Background(),
		fmt.Sprintf(`EXPLAIN (ANALYZE, BUFFERS, TIMING off) EXECUTE explained (%s)`, strings.Join(args, ", ")))
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
		if strings.HasPrefix(line, "Planning:") {
			break
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

// Pages reads from a plan of Explain how many pages the node touched that touched most.
func Pages(t testing.TB, plan string) (most int) {
	t.Helper()
	for _, line := range regexp.MustCompile(`Buffers: shared[^\n]*`).FindAllString(plan, -1) {
		total := 0
		for _, count := range regexp.MustCompile(`(hit|read)=(\d+)`).FindAllStringSubmatch(line, -1) {
			n, err := strconv.Atoi(count[2])
			if err != nil {
				t.Fatal(err)
			}
			total += n
		}
		most = max(most, total)
	}
	return most
}
