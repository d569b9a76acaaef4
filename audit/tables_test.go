package audit_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/restore"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/batches"
	"chainmail/projections/notifications"
	"chainmail/projections/state"
	"chainmail/projections/tasks"
)

// projected are those whose tables rest on the events alone.
var projected = []projections.Projection{state.Projection(), tasks.Projection(), notifications.Projection()}

// tablesOf lists the tables of some projections.
func tablesOf(list []projections.Projection) (names []string) {
	for _, p := range list {
		names = append(names, p.Tables...)
	}
	return names
}

func fold(events []domain.Event) []audit.Table {
	tables := audit.NewTables()
	for _, e := range events {
		tables.Apply(e)
	}
	return tables.All()
}

// The tables computed in memory are those that the projections write, at the end of a log and on the way.
func TestTablesAreThoseOfTheProjections(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ctx, outer := t.Context(), t
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, outer)
		cut := rapid.IntRange(0, len(m.events)).Draw(t, "cut")
		for _, table := range tablesOf(projected) {
			if _, err := db.ExecContext(ctx, `DELETE FROM `+table); err != nil {
				t.Fatal(err)
			}
		}
		for _, part := range [][2]int{{0, cut}, {cut, len(m.events)}} {
			for _, p := range projected {
				if err := apply(ctx, db, p.Apply, m.events[part[0]:part[1]]); err != nil {
					t.Fatal(err)
				}
			}
			for _, table := range fold(m.events[:part[1]]) {
				if table.Name == "merkle_batches" {
					continue // it rests on the stored events
				}
				compareTable(ctx, t, db, table)
			}
		}
	})
}

type applyFunc = func(context.Context, *sql.Tx, []domain.Event) error

func apply(ctx context.Context, db *sql.DB, f applyFunc, events []domain.Event) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(ctx, tx, events); err != nil {
		return err
	}
	return tx.Commit()
}

// compareTable holds a table against the database's rows in the order of the primary key.
func compareTable(ctx context.Context, t interface{ Fatalf(string, ...any) }, db *sql.DB, table audit.Table) {
	keys := map[string]int{"conversation_participants": 3, "user_blocks": 2, "message_receipts": 2}
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM %s ORDER BY %s`,
		strings.Join(table.Columns, ", "), table.Name, strings.Join(table.Columns[:max(1, keys[table.Name])], ", ")))
	if err != nil {
		t.Fatalf("%s: %v", table.Name, err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		values := make([]any, len(table.Columns))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
		if n >= len(table.Rows) {
			t.Fatalf("%s has more than %d rows in the database", table.Name, n)
		}
		for i, column := range table.Columns {
			if got, want := plain(table.Rows[n][i], ""), plain(values[i], column); got != want {
				t.Fatalf("%s, row %d: %s is %q, in the database %q", table.Name, n, column, got, want)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", table.Name, err)
	}
	if n != len(table.Rows) {
		t.Fatalf("%s has %d rows, in the database %d", table.Name, len(table.Rows), n)
	}
}

// plain is a value as text, whichever type it came in.
func plain(value any, column string) string {
	switch v := value.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		if column == "salt" {
			return hex.EncodeToString(v)
		}
		return string(v)
	case json.RawMessage:
		return string(v)
	}
	return fmt.Sprint(value)
}

func TestBatchesAreThoseOfTheProjection(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := restore.Begin(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Add(t.Context(), m.events); err != nil {
		t.Fatal(err)
	}
	if err := r.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := apply(t.Context(), db, batches.Apply, m.events); err != nil {
		t.Fatal(err)
	}
	tables := fold(m.events)
	if got := tables[len(tables)-1]; got.Name != "merkle_batches" || len(got.Rows) != 2 {
		t.Fatalf("%d rows of %s", len(got.Rows), got.Name)
	}
	compareTable(t.Context(), t, db, tables[len(tables)-1])
}

// Every state table is there, and every column, save those that are named here with their reason.
func TestTablesLackNothing(t *testing.T) {
	t.Parallel()
	internal := map[string][]string{
		"users":                     {"folded_name", "name_parts"},                     // search
		"conversations":             {"message_sender_id", "message_seq", "other_seq"}, // to find what is unread
		"conversation_participants": {"acked_seq", "unread"},                           // the same
	}
	db := pgtest.New(t).SQL
	tables := fold(nil)
	names := append(tablesOf(projected), "merkle_batches")
	names = slices.DeleteFunc(names, func(name string) bool { return name == "message_counts" }) // in messages
	if len(tables) != len(names) {
		t.Errorf("%d tables, want %v", len(tables), names)
	}
	for _, table := range tables {
		if !slices.Contains(names, table.Name) {
			t.Errorf("there is no %s", table.Name)
		}
		rows, err := db.QueryContext(t.Context(), `
			SELECT column_name
			FROM information_schema.columns
			WHERE table_name = $1 AND table_schema = 'public'`, table.Name)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var column string
			if err := rows.Scan(&column); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(table.Columns, column) && !slices.Contains(internal[table.Name], column) {
				t.Errorf("%s lacks %s", table.Name, column)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTablesAsJSON(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	text := audit.AppendTables(nil, fold(m.events))
	if again := audit.AppendTables(nil, fold(m.events)); string(again) != string(text) {
		t.Error("two folds of one log differ")
	}
	var got map[string][]map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if n := len(got["users"]); n != 3 {
		t.Errorf("%d users", n)
	}
	if got["message_receipts"][0]["read_at"] != "2026-11-22T10:15:00.009000Z" {
		t.Errorf("receipts %v", got["message_receipts"])
	}
	erased := 0
	for _, row := range got["messages"] {
		if row["erased_at"] != nil && row["content"] == nil && row["salt"] == nil {
			erased++
		}
	}
	if erased != 2 { // one of them was blocked
		t.Errorf("%d erased messages among %v", erased, got["messages"])
	}
	released := 0
	for _, row := range got["blocked_messages"] {
		if reasons, ok := row["reasons"].([]any); !ok || len(reasons) != 2 {
			t.Errorf("reasons %v", row["reasons"])
		}
		if row["released_id"] != nil && row["released_by"] != nil && row["released_at"] != nil && row["conversation_id"] == nil {
			released++
		}
	}
	if len(got["blocked_messages"]) != 3 || released != 1 {
		t.Errorf("blocked %v", got["blocked_messages"])
	}
	task := got["tasks"][0]
	if task["status"] != "in_review" || task["updated_by"] != task["freelancer_id"] || task["updated_at"] == task["created_at"] {
		t.Errorf("task %v", task)
	}
	if got["projects"][0]["title"] != `Website "2"` || got["projects"][0]["author_id"] != task["author_id"] {
		t.Errorf("projects %v", got["projects"])
	}
	read := 0
	for _, row := range got["notifications"] {
		if row["is_read"] == true && row["read_at"] != nil {
			read++
		} else if row["is_read"] != false || row["read_at"] != nil {
			t.Errorf("notification %v", row)
		}
	}
	if len(got["notifications"]) != 8 || read != 1 {
		t.Errorf("notifications %v", got["notifications"])
	}
	if got["user_blocks"] == nil || audit.AppendTables(nil, fold(nil))[0] != '{' {
		t.Error("an empty table is missing")
	}
}

// What fits nothing changes nothing: to find it is the audit's work.
func TestTablesPassOverWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	for drop := range m.events {
		rest := slices.Delete(slices.Clone(m.events), drop, drop+1)
		if len(fold(rest)) == 0 {
			t.Errorf("nothing without event %d", drop+1)
		}
		m.events[drop].Payload = []byte(`{"noise"`)
	}
	for _, table := range fold(m.events) {
		if len(table.Rows) > 0 {
			t.Errorf("%s has rows of events that cannot be read", table.Name)
		}
	}
}

// What is read by another than the one who was told stays unread, in the tables as for the audit.
func TestReadByAnother(t *testing.T) {
	t.Parallel()
	s := newWorking(t)
	s.forge(s.carol, reading(toldRef{s.told.id, s.carol}))
	for _, table := range fold(s.log.events) {
		for _, row := range table.Rows {
			if table.Name == "notifications" && row[0] == s.told.id && (row[5] != nil || row[6] != false) {
				t.Errorf("got %v", row)
			}
		}
	}
}
