package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/lib/pq"

	"chainmail/migrations/pgtest"
)

// grants are the roles of deploy/grants.sql in a database that a role without privileges owns, and its address as each.
func grants(t *testing.T) (as func(role string) string) {
	t.Helper()
	db := pgtest.Empty(t)
	as = func(role string) string {
		u, err := url.Parse(db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.User(role)
		return u.String()
	}
	execute := func(statement string) {
		t.Helper()
		if _, err := db.SQL.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	execute(`DO $$ BEGIN IF to_regrole('chainmail') IS NULL THEN CREATE ROLE chainmail LOGIN; END IF; END $$`)
	execute(`ALTER DATABASE ` + strings.TrimPrefix(mustParse(t, db.DSN).Path, "/") + ` OWNER TO chainmail`)
	onDatabase(t, as("chainmail")).must("migrate", "up")
	script, err := os.ReadFile("../../deploy/grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	execute(string(script))
	execute("SET search_path = pg_catalog;" + string(script) + ";RESET search_path") // as after an upgrade, by a superuser who has a path of his own
	return as
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A server under a role that owns nothing serves, erases and seals; what it may not do to the log it cannot.
func TestServeUnderAnotherRole(t *testing.T) {
	t.Parallel()
	as := grants(t)
	m := onDatabase(t, as("chainmail_app"))
	s := m.serve("--listen", "127.0.0.1:0", "--no-migrate", "--batch-interval", "10ms")
	ann, bob := m.must("user", "add", "Ann"), m.must("user", "add", "Bob")
	m.must("user", "add", "Root", "--role", "admin")
	annToken := m.must("token", ann)
	for _, step := range []struct{ token, method, path, body string }{
		{annToken, "POST", "/api/projects", `{"title":"Bridge","tasks":[{"title":"Draw"}]}`},
		{annToken, "POST", "/api/conversations", `{"participant_ids":["` + bob + `"]}`},
	} {
		if status, body := s.ask(step.token, step.method, step.path, step.body, ""); status >= 300 {
			t.Errorf("%s %s: %d %s", step.method, step.path, status, body)
		}
	}
	admin, err := sql.Open("postgres", as("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	eventually(t, "projections and seals", func() bool {
		var done bool
		const query = `
			SELECT (SELECT count(*) FROM projects) = 1 AND (SELECT count(*) FROM users) = 3
				AND EXISTS (SELECT FROM merkle_batches)`
		return admin.QueryRow(query).Scan(&done) == nil && done
	})
	examined(t, m)
	m.must("replay")
	if _, _, status := m.run("rebuild", "tasks"); status == 0 {
		t.Error("the serving role rebuilds, and so could replace tables")
	}
	onDatabase(t, as("chainmail_rebuild")).must("rebuild")
	m.must("user", "add", "Cid") // after a rebuild too
	examined(t, m)
	onDatabase(t, as("chainmail")).must("migrate", "up")
	for _, role := range []string{"chainmail_app", "chainmail_rebuild", "chainmail_state"} {
		refusesToWriteTheLog(t, admin, role)
	}
	if s.stop() != 0 {
		t.Error("no clean end")
	}
}

// examined demands that the doctor finds nothing but what a database for tests is not: durable.
func examined(t *testing.T, m *machine) {
	t.Helper()
	report, _, _ := m.run("doctor", "--json")
	var d diagnosis
	if err := json.Unmarshal([]byte(report), &d); err != nil {
		t.Fatal(err, report)
	}
	for _, c := range d.Checks {
		if !c.OK && c.Name != "durability" {
			t.Errorf("doctor: %s: %s", c.Name, c.Detail)
		}
	}
}

// refusesToWriteTheLog tries everything that would change the log behind its back.
func refusesToWriteTheLog(t *testing.T, db *sql.DB, role string) {
	t.Helper()
	for _, statement := range []string{
		`UPDATE events SET body = NULL`, `UPDATE events SET type = 'x'`, `DELETE FROM events`, `TRUNCATE events`,
		`INSERT INTO events SELECT * FROM events`, `UPDATE events_000000 SET body = NULL`, `DELETE FROM events_000000`,
		`INSERT INTO events_000000 SELECT * FROM events`, `TRUNCATE events_000000`, `DROP TABLE events_000000`,
		`ALTER TABLE events DISABLE TRIGGER events_append_only`, `ALTER TABLE events_000000 DISABLE TRIGGER ALL`,
		`DROP TRIGGER events_append_only ON events`, `ALTER TABLE events DETACH PARTITION events_000000`,
		`ALTER TABLE events ADD COLUMN more text`, `CREATE TRIGGER mine BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION events_forget()`,
		`CREATE RULE mine AS ON INSERT TO events DO INSTEAD NOTHING`, `DELETE FROM event_keys`, `INSERT INTO event_keys SELECT * FROM event_keys`,
		`DELETE FROM deciding_events`, `UPDATE goose_db_version SET version_id = 0`,
		`ALTER FUNCTION append_events SECURITY INVOKER`, `SET session_replication_role = replica`,
		`CREATE OR REPLACE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
	} {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(`SET LOCAL ROLE ` + role); err != nil {
			t.Fatal(err)
		}
		var refused *pq.Error
		if _, err := tx.Exec(statement); !errors.As(err, &refused) || refused.Code != "42501" { // insufficient_privilege
			t.Errorf("%s: %s: %v, want a refusal", role, statement, err)
		}
		_ = tx.Rollback()
	}
}

// Who may only read cannot append.
func TestAppendIsNotForEverybody(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const query = `
		SELECT count(*)
		FROM pg_proc AS p
		CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS g
		WHERE p.prosecdef AND g.grantee = 0`
	var open int
	if err := db.SQL.QueryRow(query).Scan(&open); err != nil || open != 0 {
		t.Errorf("%d functions that work as their owner are everybody's (%v)", open, err)
	}
}

// deploy/grants.sql hands over the tables of all projections.
func TestGrantsNameAllTables(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../deploy/grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range knownProjections() {
		for _, table := range p.Tables {
			if !strings.Contains(string(script), "'"+table+"'") {
				t.Errorf("%s of projection %s is missing", table, p.Name)
			}
		}
	}
}
