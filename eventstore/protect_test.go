package eventstore_test

import (
	"errors"
	"testing"

	"github.com/lib/pq"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

func TestDatabaseRefusesChange(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	l := eventstoretest.Open(t, db.DSN)
	if _, err := l.Append(t.Context(), message(newID(), newID(), "kept"), message(newID(), newID(), "kept too")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, statement string }{
		{"position", `UPDATE events SET position = 9 WHERE position = 1`},
		{"event_id", `UPDATE events SET event_id = gen_random_uuid()`},
		{"stream", `UPDATE events SET stream = 'log'`},
		{"version", `UPDATE events SET stream_version = 7`},
		{"type", `UPDATE events SET type = 'MessageRead'`},
		{"payload", `UPDATE events SET payload = '{}'`},
		{"payload, same value other bytes", `UPDATE events SET payload = (payload::text || ' ')::json`},
		{"metadata", `UPDATE events SET metadata = '{}'`},
		{"recorded_at", `UPDATE events SET recorded_at = recorded_at + interval '1 microsecond'`},
		{"leaf_hash", `UPDATE events SET leaf_hash = '\x00'`},
		{"body rewritten", `UPDATE events SET body = '{}'`},
		{"payload with the body", `UPDATE events SET body = NULL, payload = '{}'`},
		{"delete", `DELETE FROM events`},
		{"truncate", `TRUNCATE events`},
		{"partition update", `UPDATE events_000000 SET type = 'MessageRead'`},
		{"partition delete", `DELETE FROM events_000000`},
		{"partition truncate", `TRUNCATE events_000000`},
		{"as a replica", `SET session_replication_role = replica; DELETE FROM events; RESET session_replication_role`},
	} {
		_, err := db.SQL.ExecContext(t.Context(), test.statement)
		var refused *pq.Error
		if !errors.As(err, &refused) || refused.Code != "23001" {
			t.Errorf("%s: got %v, want a refusal (23001)", test.name, err)
		}
	}
	if _, err := db.SQL.ExecContext(t.Context(), `UPDATE events SET body = NULL WHERE position = 1`); err != nil {
		t.Errorf("a body may go: %v", err)
	}
	if _, err := db.SQL.ExecContext(t.Context(), `UPDATE events SET body = '{"content":"back"}' WHERE position = 1`); err == nil {
		t.Error("a body that went came back")
	}
}

func TestPartitionsAreMadeAheadAndProtected(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	// A log that stands two events before the end of its first partition.
	_, err := db.SQL.ExecContext(t.Context(), `
		INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		VALUES (9999997, gen_random_uuid(), 'log', 1, 'LogCreated', '{}', '{}', now(), sha256(''))`)
	if err != nil {
		t.Fatal(err)
	}
	l := eventstoretest.Open(t, db.DSN)
	c := newID()
	for i := range 6 {
		results, err := l.Append(t.Context(), message(c, newID(), "over the edge"))
		if err != nil {
			t.Fatal(err)
		}
		if e := results[0].Events[0]; e.Position != domain.Position(9999998+i) || e.Version != domain.Version(i+1) {
			t.Errorf("event %d is at %d, version %d", i, e.Position, e.Version)
		}
	}
	// The server makes them too, before or after it has seen the edge: which of the two made this one is all the same.
	var there bool
	err = db.SQL.QueryRowContext(t.Context(), `
		SELECT to_regclass('events_000003') IS NOT NULL
		FROM make_event_partitions(10000003)`).Scan(&there)
	if err != nil || !there {
		t.Fatalf("the partition after the next one is there: %t, %v", there, err)
	}
	for _, statement := range []string{
		`DELETE FROM events_000001`, `TRUNCATE events_000001`, `TRUNCATE events_000003`, `TRUNCATE events`,
	} {
		if _, err := db.SQL.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s was not refused", statement)
		}
	}
}
