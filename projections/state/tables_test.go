package state_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
	"chainmail/projections/state"
)

// open returns a pool with binary parameters on a database of its own.
func open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func apply(ctx context.Context, db *sql.DB, events []domain.Event) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := state.Apply(ctx, tx, events); err != nil {
		return err
	}
	return tx.Commit()
}

func mustApply(t testing.TB, db *sql.DB, events []domain.Event) {
	t.Helper()
	if err := apply(t.Context(), db, events); err != nil {
		t.Fatal(err)
	}
}

// applyInBatches cuts the events before each of the given indexes.
func applyInBatches(ctx context.Context, db *sql.DB, events []domain.Event, cuts []int) error {
	cuts = append(slices.Clone(cuts), 0, len(events))
	slices.Sort(cuts)
	for i := 1; i < len(cuts); i++ {
		if cuts[i-1] == cuts[i] {
			continue
		}
		if err := apply(ctx, db, events[cuts[i-1]:cuts[i]]); err != nil {
			return fmt.Errorf("events %d to %d: %w", cuts[i-1]+1, cuts[i], err)
		}
	}
	return nil
}

// dump returns every row of the state tables as text, in order.
func dump(ctx context.Context, db *sql.DB) ([]string, error) {
	var all []string
	for _, table := range state.Projection().Tables {
		rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT t::text FROM %s AS t ORDER BY 1`, table))
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				return nil, err
			}
			all = append(all, table+row)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// truncate empties the state tables.
func truncate(ctx context.Context, db *sql.DB) error {
	for _, table := range state.Projection().Tables {
		if _, err := db.ExecContext(ctx, fmt.Sprintf(`DELETE FROM %s`, table)); err != nil {
			return err
		}
	}
	return nil
}

// row reads one row of one text column.
func row(t testing.TB, db *sql.DB, query string, args ...any) string {
	t.Helper()
	var text sql.NullString
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text.String
}

func undelivered(t testing.TB, db *sql.DB, user domain.ID, after, upTo domain.Position, limit int) []domain.Position {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	list, err := state.Undelivered(t.Context(), tx, user, after, upTo, limit)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func unread(t testing.TB, db *sql.DB, user domain.ID, conversations ...domain.ID) map[domain.ID]int {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	counts, err := state.Unread(t.Context(), tx, user, conversations)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}
