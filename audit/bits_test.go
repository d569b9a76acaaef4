package audit_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf8"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/internal/racetest"
)

// Every column of every row, changed by one bit in the table itself, is found at its position.
func TestEveryColumnChangedByOneBit(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	for at := domain.Position(1); at <= s.state.Position; at++ {
		first, step := racetest.Sample(4)
		for i := first; i < len(columns); i += step {
			c := columns[i]
			change, restore := s.flip(at, c)
			if change == nil {
				continue // no body
			}
			s.must(c.update, at, change)
			got := auditOf(t, s.db.DSN)
			if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool { return f.Position == at }) {
				t.Errorf("%s of %d from %q to %q: got %v", c.name, at, restore, change, got.Findings)
			}
			s.must(c.update, at, restore)
		}
		s.must(`UPDATE events SET position = position # 1048576 WHERE position = $1`, at)
		got := auditOf(t, s.db.DSN)
		for _, want := range []domain.Position{at, at ^ 1048576} { // missing there, and wrong here
			if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool { return f.Position == want }) {
				t.Errorf("position of %d: nothing at %d: got %v", at, want, got.Findings)
			}
		}
		s.must(`UPDATE events SET position = position # 1048576 WHERE position = $1`, at^1048576)
	}
	if got := auditOf(t, s.db.DSN); len(got.Findings) > 0 {
		t.Errorf("not all was restored: %v", got.Findings)
	}
}

// column is how a column is read and written as bytes.
type column struct {
	name, read, update string
	valid              func([]byte) bool
}

var columns = []column{
	{"event_id", `SELECT uuid_send(event_id) FROM events WHERE position = $1`,
		`UPDATE events SET event_id = encode($2::bytea, 'hex')::uuid WHERE position = $1`, always},
	{"stream", `SELECT stream::bytea FROM events WHERE position = $1`,
		`UPDATE events SET stream = convert_from($2::bytea, 'UTF8') WHERE position = $1`, isText},
	{"stream_version", `SELECT int8send(stream_version) FROM events WHERE position = $1`,
		`UPDATE events SET stream_version = ('x' || encode($2::bytea, 'hex'))::bit(64)::bigint WHERE position = $1`, always},
	{"type", `SELECT type::bytea FROM events WHERE position = $1`,
		`UPDATE events SET type = convert_from($2::bytea, 'UTF8') WHERE position = $1`, isText},
	{"payload", `SELECT convert_to(payload::text, 'UTF8') FROM events WHERE position = $1`,
		`UPDATE events SET payload = convert_from($2::bytea, 'UTF8')::json WHERE position = $1`, isJSON},
	{"metadata", `SELECT convert_to(metadata::text, 'UTF8') FROM events WHERE position = $1`,
		`UPDATE events SET metadata = convert_from($2::bytea, 'UTF8')::json WHERE position = $1`, isJSON},
	{"body", `SELECT convert_to(body::text, 'UTF8') FROM events WHERE position = $1`,
		`UPDATE events SET body = convert_from($2::bytea, 'UTF8')::json WHERE position = $1`, isJSON},
	{"recorded_at", `SELECT int8send((extract(epoch FROM recorded_at) * 1000000)::bigint) FROM events WHERE position = $1`,
		`UPDATE events SET recorded_at = timestamptz 'epoch'
			+ ('x' || encode($2::bytea, 'hex'))::bit(64)::bigint * interval '1 microsecond' WHERE position = $1`, isTime},
	{"leaf_hash", `SELECT leaf_hash FROM events WHERE position = $1`,
		`UPDATE events SET leaf_hash = $2 WHERE position = $1`, always},
}

func always([]byte) bool { return true }

func isText(b []byte) bool { return utf8.Valid(b) && !slices.Contains(b, 0) }

// isJSON leaves out \u, of which PostgreSQL takes fewer than Go.
func isJSON(b []byte) bool { return isText(b) && json.Valid(b) && !bytes.Contains(b, []byte(`\u`)) }

// isTime is what PostgreSQL can hold as a time, and compute without rounding: some thousand years.
func isTime(b []byte) bool { return b[0] == 0 && b[1] < 0x80 }

// flip returns a column's bytes with one bit changed so that PostgreSQL takes them, and as they are.
func (s *story) flip(at domain.Position, c column) (changed, before []byte) {
	s.t.Helper()
	var was sql.RawBytes
	rows, err := s.db.SQL.Query(c.read, at)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		s.t.Fatalf("no row at %d: %v", at, rows.Err())
	}
	if err := rows.Scan(&was); err != nil {
		s.t.Fatal(err)
	}
	if was == nil {
		return nil, nil
	}
	before = slices.Clone(was)
	for range 10_000 {
		changed = slices.Clone(before)
		changed[rand.IntN(len(changed))] ^= 1 << rand.IntN(8)
		if c.valid(changed) {
			return changed, before
		}
	}
	s.t.Fatalf("no bit of %s %q can change", c.name, before)
	return nil, nil
}

// Each bit of each body is looked at, whatever its hash covers: of a message, an account, a title, a policy, a notification.
func TestEveryBitOfABody(t *testing.T) {
	t.Parallel()
	log := newStore()
	h := begin(t, log)
	alice, bob := h.user("Alice Ünlü", domain.RoleMember), h.user("Bob", domain.RoleMember)
	team := h.group("Plans, \"plans\"", alice, bob)
	m := h.say(team, alice, "a\tb\u2028c\\")
	policy := h.install("strict: \"very\"\n")
	blocked := h.keepBackIn(team, alice, "a\tb\u2028c\\")
	project, made := h.project(alice, "Site")
	_, task := h.task(alice, project, bob, "Logo")
	for _, at := range []domain.Position{2, m.Position - 1, m.Position, policy, blocked.position, made, task + 1} {
		first, step := racetest.Sample(8)
		for bit := first; bit < 8*len(log.events[at-1].Body); bit += step {
			events := slices.Clone(log.events)
			e := &events[at-1]
			e.Body = slices.Clone(e.Body)
			e.Body[bit/8] ^= 1 << (bit % 8)
			s := auditEvents(t, events, audit.Options{})
			if !slices.ContainsFunc(s.Findings, func(f audit.Finding) bool {
				return f.Position == at && (f.Kind == audit.KindBody || f.Kind == audit.KindContentHash)
			}) {
				t.Errorf("body %q: got %v", e.Body, s.Findings)
			}
		}
	}
}
