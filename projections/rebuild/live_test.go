package rebuild_test

import (
	"strings"
	"testing"

	"chainmail/eventstore/eventstoretest"
	"chainmail/projections/rebuild"
)

// All live tables have to be there, in one schema: else it is said what to do, and nothing is done.
func TestLiveTablesAreNotInOneSchema(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ damage, want string }{
		"one is missing":      {`DROP TABLE message_counts CASCADE`, "tables are missing (message_counts): run chainmail migrate up; what that does not make was dropped"},
		"the first is":        {`DROP TABLE users CASCADE`, "tables are missing (users): run chainmail migrate up"},
		"two are":             {`DROP TABLE users, messages CASCADE`, "tables are missing (messages, users)"},
		"one is elsewhere":    {`ALTER TABLE message_counts SET SCHEMA another`, "the live tables are in several schemas"},
		"all but the last is": {`ALTER TABLE users SET SCHEMA another`, "the live tables are in several schemas"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, _ := makeWorld(t, 1, 100)
			l := eventstoretest.Open(t, db.With("search_path", "public,another"))
			exec(t, l.DB(), `CREATE SCHEMA another`)
			exec(t, l.DB(), test.damage)
			p := messages()
			if _, err := rebuild.Run(t.Context(), l, p, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Run: got %v, want %s", err, test.want)
			}
			if _, err := rebuild.Verify(t.Context(), l, p, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Verify: got %v, want %s", err, test.want)
			}
			wantClean(t, l.DB())
		})
	}
}
