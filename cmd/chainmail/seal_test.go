package main

import (
	"fmt"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// Servers that are killed and started again, one after the other and side by side, leave a log whose seals an audit finds
// in order.
func TestSealsAcrossKills(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	flags := []string{"--listen", "127.0.0.1:0", "--batch-size", "4", "--batch-interval", "20ms"}
	other := m.serve(flags...)
	for round := range 4 {
		s := m.serve(flags...)
		for n := range 3 {
			m.must("user", "add", fmt.Sprintf("User %d of %d", n, round))
		}
		s.kill()
	}
	awaitSeal(t, db.SQL)
	other.kill()
	last := m.serve(flags...)
	m.must("user", "add", "The last one")
	awaitSeal(t, db.SQL)
	stdout, _, status := m.run("doctor") // the tests' own PostgreSQL keeps nothing durably
	if !strings.Contains(stdout, "\nseals ") || strings.Count(stdout, "PROBLEM") != 1 || status != 1 {
		t.Errorf("doctor: status %d\n%s", status, stdout)
	}
	if status := last.stop(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
	if stdout, stderr, status := m.run("replay", "--format", "json"); status != 0 {
		t.Errorf("replay: status %d\n%s%s", status, stdout[max(0, len(stdout)-1000):], stderr)
	}
}

// A log that contradicts its last seal is a finding of the doctor's, and is not sealed on.
func TestDoctorOfATamperedLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	s := m.serve("--listen", "127.0.0.1:0", "--batch-interval", "20ms")
	m.must("user", "add", "Alice")
	awaitSeal(t, db.SQL)
	s.kill()
	for _, statement := range []string{
		`ALTER TABLE events_000000 DISABLE TRIGGER events_append_only`,
		`UPDATE events SET leaf_hash = sha256('another') WHERE position = 1`,
	} {
		if _, err := db.SQL.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	stdout, _, status := m.run("doctor", "--json")
	if want := `{"check":"seals","ok":false,"detail":"the tree of `; status != 1 || !strings.Contains(stdout, want) {
		t.Errorf("doctor: status %d\n%s\nwant %s", status, stdout, want)
	}
}
