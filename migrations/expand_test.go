package migrations_test

import (
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"chainmail/migrations"
	"chainmail/migrations/pgtest"
)

// lastOfAll is the last migration that was written before servers of two releases ran side by side. Those after it only expand: the
// release before goes on beside the new schema, and comes back to it when an upgrade is taken back.
const lastOfAll = 7

// forbidden is what a migration may not do to what the release before works with, and what to do instead.
var forbidden = []struct{ pattern, instead string }{
	{`DROP (TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE|SCHEMA|TYPE|FUNCTION|PROCEDURE|TRIGGER)`, "stop using it in this release, drop it in the one after the next"},
	{`DROP (COLUMN|CONSTRAINT|DEFAULT|EXPRESSION|IDENTITY)`, "stop using it in this release, drop it in the one after the next"},
	{`ALTER TABLE .* DROP `, "stop using it in this release, drop it in the one after the next"},
	{`RENAME`, "add the new name beside the old one"},
	{`(ALTER|SET DATA) (COLUMN )?"?\w*"? ?(SET DATA )?TYPE `, "add a column of the new type"},
	{`SET NOT NULL`, "the release before may write NULL: demand it in the next release"},
	{`ADD (COLUMN )?(IF NOT EXISTS )?"?\w+"? [^,;]*NOT NULL(?:[^,;]*DEFAULT)?`, "give it a DEFAULT: the release before does not know it"},
	{`ADD (CONSTRAINT "?\w+"? )?(CHECK|UNIQUE|FOREIGN KEY|PRIMARY KEY|EXCLUDE)`, "the release before may write what it refuses: demand it in the next release"},
	{`CREATE UNIQUE INDEX .* ON `, "the release before may write what it refuses: demand it in the next release, or make it with its table"},
	{`CREATE OR REPLACE FUNCTION append_events`, "its callers of the release before know its arguments and answers: make another beside it"},
	{`(TRUNCATE|DELETE FROM|UPDATE) `, "rows are the projections' and the servers': a rebuild computes them anew"},
	{`REVOKE `, "the release before needs what it was granted"},
	{`SET LOGGED|SET UNLOGGED|CLUSTER |VACUUM FULL`, "it rewrites the table while nobody can use it"},
}

// contracts returns what of a migration is forbidden. What it does to tables and functions that it makes itself is its own affair.
func contracts(text string) (found []string) {
	up, _, _ := strings.Cut(text, "-- +goose Down")
	up = regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(up, "")
	up = regexp.MustCompile(`(?s)\$(\w*)\$.*?\$\w*\$`).ReplaceAllString(up, "''") // bodies of functions
	up = regexp.MustCompile(`'(?:[^']|'')*'`).ReplaceAllString(up, "''")
	own := make(map[string]bool)
	for _, match := range regexp.MustCompile(`(?i)CREATE (?:UNLOGGED )?(?:TABLE|FUNCTION) (?:IF NOT EXISTS )?([\w.]+)`).FindAllStringSubmatch(up, -1) {
		own[strings.ToLower(match[1])] = true
	}
	for statement := range strings.SplitSeq(up, ";") {
		statement = strings.Join(strings.Fields(statement), " ")
		on := regexp.MustCompile(`(?i)^(?:ALTER TABLE(?: IF EXISTS)?(?: ONLY)?|CREATE UNIQUE INDEX.* ON|UPDATE|DELETE FROM|TRUNCATE(?: TABLE)?|INSERT INTO) ([\w.]+)`).FindStringSubmatch(statement)
		if on != nil && own[strings.ToLower(on[1])] || regexp.MustCompile(`(?i)^(CREATE (UNLOGGED )?TABLE|CREATE TRIGGER|COMMENT) `).MatchString(statement) {
			continue
		}
		if regexp.MustCompile(`(?i)^REVOKE .* ON FUNCTION .* FROM PUBLIC$`).MatchString(statement) {
			continue // servers are their owner, or were granted it by name
		}
		for _, f := range forbidden {
			match := regexp.MustCompile(`(?i)\b(?:` + f.pattern + `)`).FindString(statement)
			if match != "" && !(strings.Contains(f.pattern, "DEFAULT)?") && strings.Contains(strings.ToUpper(match), "DEFAULT")) {
				found = append(found, match+": "+f.instead)
			}
		}
	}
	return found
}

// Migrations only expand.
func TestMigrationsOnlyExpand(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(os.DirFS("."), "*.sql")
	if err != nil || len(names) < lastOfAll {
		t.Fatalf("got %d files, %v", len(names), err)
	}
	for _, name := range names {
		version, err := strconv.Atoi(name[:4])
		if err != nil {
			t.Fatalf("%s has no number of four digits", name)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if version <= lastOfAll {
			continue
		}
		for _, found := range contracts(string(text)) {
			t.Errorf("%s: %s", name, found)
		}
	}
}

// What expands and what does not, by example.
func TestWhatExpands(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]bool{
		`CREATE TABLE leases (name text PRIMARY KEY, holder uuid NOT NULL)`:                                     true,
		`CREATE TABLE a (b text NOT NULL); CREATE UNIQUE INDEX a_b ON a (b); ALTER TABLE a ADD CHECK (b <> '')`: true,
		`ALTER TABLE messages ADD COLUMN mood text`:                                                             true,
		`ALTER TABLE messages ADD COLUMN mood text NOT NULL DEFAULT ''`:                                         true,
		`CREATE INDEX messages_mood ON messages (mood)`:                                                         true,
		`ALTER TABLE messages ALTER COLUMN conversation_id DROP NOT NULL`:                                       false, // readers of the release before know no NULL there
		`COMMENT ON TABLE messages IS 'nobody will DROP TABLE it'`:                                              true,
		"-- DROP TABLE messages\nCREATE INDEX a ON messages (b)":                                                true,
		"CREATE INDEX a ON messages (b);\n-- +goose Down\nDROP INDEX a;":                                        true,
		`CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM a $$`:                                  true,
		`REVOKE ALL ON FUNCTION f FROM PUBLIC`:                                                                  true,
		`REVOKE ALL ON FUNCTION f FROM chainmail_app`:                                                           false,
		`DROP TABLE messages`:                                                                    false,
		`ALTER TABLE messages DROP COLUMN content`:                                               false,
		`ALTER TABLE messages DROP content`:                                                      false,
		`ALTER TABLE messages RENAME TO notes`:                                                   false,
		`ALTER TABLE messages RENAME COLUMN content TO words`:                                    false,
		`ALTER TABLE messages ALTER COLUMN seq TYPE numeric`:                                     false,
		`ALTER TABLE messages ALTER seq SET DATA TYPE numeric`:                                   false,
		`ALTER TABLE messages ALTER COLUMN content SET NOT NULL`:                                 false,
		`ALTER TABLE messages ADD COLUMN mood text NOT NULL`:                                     false,
		`ALTER TABLE messages ADD mood text NOT NULL, ADD COLUMN b text`:                         false,
		`ALTER TABLE messages ADD CONSTRAINT short CHECK (length(content) < 9)`:                  false,
		`CREATE UNIQUE INDEX messages_seq ON messages (seq)`:                                     false,
		"UPDATE messages SET seq = 1":                                                            false,
		`TRUNCATE messages`:                                                                      false,
		`CREATE OR REPLACE FUNCTION append_events(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'`: false,
		`DROP FUNCTION append_events`:                                                            false,
		`REVOKE SELECT ON messages FROM PUBLIC`:                                                  false,
	} {
		if found := contracts("-- +goose Up\n" + statement + ";\n"); (len(found) == 0) != want {
			t.Errorf("%s: got %q, want that it expands: %t", statement, found, want)
		}
	}
}

// A server of the release before starts on the schema of the one after it: it finds nothing to do, and nothing missing.
func TestASchemaThatIsNewer(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t).SQL
	if err := migrations.UpFiles(t.Context(), db, files(first, second, "-- +goose Up\nCREATE TABLE third (id integer);\n-- +goose Down\nDROP TABLE third;\n"), patience, silent); err != nil {
		t.Fatal(err)
	}
	older := files(first, second)
	if err := migrations.UpFiles(t.Context(), db, older, patience, silent); err != nil {
		t.Errorf("migrate: %v", err)
	}
	if left, err := migrations.PendingFiles(t.Context(), db, older); err != nil || len(left) != 0 {
		t.Errorf("pending: %v, %v, want none", left, err)
	}
	if all, err := migrations.StatusFiles(t.Context(), db, older); err != nil || len(all) != 2 {
		t.Errorf("status: %v, %v, want its own two", all, err)
	}
	if got := rows(t, db); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
}
