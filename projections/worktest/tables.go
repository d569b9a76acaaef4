package worktest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections"
)

// Tables are those of a projection, in a database of the test's own.
type Tables struct {
	DB         *sql.DB
	Projection projections.Projection
}

// Open returns the tables of a projection in a migrated database.
func Open(t testing.TB, dsn string, p projections.Projection) Tables {
	t.Helper()
	db, err := eventstore.OpenDB(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return Tables{db, p}
}

// Build empties the tables and applies the events, cut before each of the indexes. Each batch is one transaction, with the
// runner's settings.
func (x Tables) Build(ctx context.Context, events []domain.Event, cuts []int) error {
	if _, err := x.DB.ExecContext(ctx, `TRUNCATE `+strings.Join(x.Projection.Tables, ", ")); err != nil {
		return err
	}
	cuts = append(slices.Clone(cuts), 0, len(events))
	slices.Sort(cuts)
	for i, cut := range cuts[1:] {
		if batch := events[cuts[i]:cut]; len(batch) > 0 {
			if err := x.Apply(ctx, batch...); err != nil {
				return fmt.Errorf("events %d to %d: %w", cuts[i]+1, cut, err)
			}
		}
	}
	return nil
}

// Apply applies one batch.
func (x Tables) Apply(ctx context.Context, events ...domain.Event) error {
	tx, err := x.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // without effect once committed
	const settings = `
		SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`
	if _, err := tx.ExecContext(ctx, settings); err != nil {
		return err
	}
	if err := x.Projection.Apply(ctx, tx, events); err != nil {
		return err
	}
	return tx.Commit()
}

// Rows lists all rows of a table in order of position, each as its columns' texts. Times are as Time gives them.
func (x Tables) Rows(ctx context.Context, table string) ([]string, error) {
	query := fmt.Sprintf(`SELECT * FROM %s ORDER BY position`, table)
	rows, err := x.DB.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []string
	for rows.Next() {
		values, pointers := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return nil, err
		}
		texts := make([]string, len(columns))
		for i, value := range values {
			texts[i] = columns[i] + "=" + text(value)
		}
		all = append(all, strings.Join(texts, " "))
	}
	return all, rows.Err()
}

func text(value any) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case []byte:
		return string(v)
	case time.Time:
		return Time(v)
	}
	return fmt.Sprint(value)
}

// Time is a time as Rows has it.
func Time(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// Event is what somebody's act is in a log that need not obey the rules.
func Event(t testing.TB, at domain.Position, d domain.Data) domain.Event {
	t.Helper()
	encoded, err := domain.Encode(d, domain.Actor{Auth: domain.AuthSystem})
	if err != nil {
		t.Fatal(err)
	}
	return domain.Event{
		Position: at, Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
		RecordedAt: time.Unix(int64(at), 0),
	}
}
