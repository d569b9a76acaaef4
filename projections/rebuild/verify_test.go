package rebuild_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections/rebuild"
)

// Each kind of damage is found, named by table, key and column, and left as it is.
func TestVerifyFindsDifferences(t *testing.T) {
	t.Parallel()
	const first = `(SELECT id FROM messages WHERE content IS NOT NULL ORDER BY id LIMIT 1)`
	for name, test := range map[string]struct {
		damage        string
		table, column string
		live, rebuilt string // what the values contain
	}{
		"a flag":              {`UPDATE messages SET is_read = NOT is_read WHERE id = ` + first, "messages", "is_read", "e", "e"},
		"a letter":            {`UPDATE messages SET content = 'M' || substr(content, 2) WHERE id = ` + first, "messages", "content", `"Message `, `"message `},
		"NULL":                {`UPDATE messages SET content = NULL WHERE id = ` + first, "messages", "content", "null", `"message `},
		"empty for NULL":      {`UPDATE conversations SET title = '' WHERE title IS NULL AND id = (SELECT min(id::text)::uuid FROM conversations)`, "conversations", "title", `""`, "null"},
		"a microsecond":       {`UPDATE users SET created_at = created_at + interval '1 microsecond' WHERE name LIKE 'Zoë 7 %'`, "users", "created_at", "T", "T"},
		"bytes":               {`UPDATE messages SET salt = sha256(salt) WHERE id = ` + first, "messages", "salt", `\\x`, `\\x`},
		"the sign of zero":    {`UPDATE messages SET risk_score = '-0' WHERE risk_score = 0 AND id = (SELECT min(id::text)::uuid FROM messages WHERE risk_score = 0)`, "messages", "risk_score", "-0", "0"},
		"a list":              {`UPDATE users SET name_parts = name_parts || ARRAY['xyz'] WHERE name LIKE 'Zoë 7 %'`, "users", "name_parts", "xyz", "zo"},
		"a counter":           {`UPDATE conversation_participants SET unread = unread + 1 WHERE ctid = (SELECT min(ctid) FROM conversation_participants)`, "conversation_participants", "unread", "1", ""},
		"a reason":            {`UPDATE blocked_messages SET reasons = '[]' WHERE ctid = (SELECT min(ctid) FROM blocked_messages)`, "blocked_messages", "reasons", "[]", "shouting"},
		"a release":           {`UPDATE blocked_messages SET released_id = NULL WHERE released_id IS NOT NULL`, "blocked_messages", "released_id", "null", "-7"},
		"a row that is gone":  {`DELETE FROM user_blocks WHERE ctid = (SELECT min(ctid) FROM user_blocks)`, "user_blocks", "", "", "blocked_id"},
		"a row that is extra": {`INSERT INTO message_counts VALUES ('01890a5d-ac96-774b-bcce-b302099a8057', 2, 1, 1)`, "message_counts", "", "01890a5d", ""},
		"a key":               {`UPDATE message_receipts SET user_id = '01890a5d-ac96-774b-bcce-b302099a8057' WHERE ctid = (SELECT min(ctid) FROM message_receipts)`, "message_receipts", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := openWorld(t, 4, 1200)
			p := messages()
			project(t, l, p)
			exec(t, l.DB(), test.damage)
			before := sum(t, l, p)
			c, err := rebuild.Verify(t.Context(), l, p, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.Rows == 0 || len(c.Differences) == 0 || c.Live != before || c.Live.Sum == c.Rebuilt.Sum || c.Live.Position != c.Rebuilt.Position {
				t.Fatalf("got %+v, want a difference", c)
			}
			d := c.Differences[0]
			if d.Table != test.table || d.Column != test.column || d.Key == "" || d.Live == d.Rebuilt ||
				!strings.Contains(d.Live, test.live) || !strings.Contains(d.Rebuilt, test.rebuilt) {
				t.Errorf("got %+v, want %s %s", d, test.table, test.column)
			}
			if after := sum(t, l, p); after != before {
				t.Errorf("it changed the tables: %+v, want %+v", after, before)
			}
			wantClean(t, l.DB())
			mustRun(t, l, p) // the cure
			wantEqual(t, l, p)
		})
	}
}

// Damage is found in the tables of the other projections as well.
func TestVerifyFindsDifferencesInWork(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ damage, table, column string }{
		"a status":         {`UPDATE tasks SET status = 'lost' WHERE ctid = (SELECT min(ctid) FROM tasks)`, "tasks", "status"},
		"a title":          {`UPDATE projects SET title = '' WHERE ctid = (SELECT min(ctid) FROM projects)`, "projects", "title"},
		"a task gone":      {`DELETE FROM tasks WHERE ctid = (SELECT min(ctid) FROM tasks)`, "tasks", ""},
		"a reading":        {`UPDATE notifications SET is_read = NOT is_read WHERE ctid = (SELECT min(ctid) FROM notifications)`, "notifications", "is_read"},
		"empty for NULL":   {`UPDATE notifications SET link = '' WHERE id = (SELECT min(id::text)::uuid FROM notifications WHERE link IS NULL)`, "notifications", "link"},
		"an extra project": {`INSERT INTO projects SELECT gen_random_uuid(), author_id, 0, created_at, title FROM projects LIMIT 1`, "projects", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := openWorld(t, 1, 1200)
			for _, p := range work() {
				project(t, l, p)
			}
			exec(t, l.DB(), test.damage)
			for _, p := range work() {
				c, err := rebuild.Verify(t.Context(), l, p, nil)
				switch {
				case err != nil:
					t.Fatal(err)
				case !slices.Contains(p.Tables, test.table):
					if c.Rows != 0 || c.Live != c.Rebuilt {
						t.Errorf("%s: got %+v, want no difference", p.Name, c)
					}
				case c.Rows != 1 || len(c.Differences) != 1 || c.Differences[0].Table != test.table || c.Differences[0].Column != test.column:
					t.Errorf("%s: got %+v, want %s %s", p.Name, c, test.table, test.column)
				}
				mustRun(t, l, p) // the cure
				wantEqual(t, l, p)
			}
		})
	}
}

// What is described is bounded, what is counted is not.
func TestVerifyDescribesAHundredRows(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 1200)
	p := messages()
	project(t, l, p)
	exec(t, l.DB(), `UPDATE messages SET risk_score = risk_score + 2, content_hash = ''`)
	c, err := rebuild.Verify(t.Context(), l, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := text(t, l.DB(), `SELECT count(*) FROM messages`); want != strings.TrimSpace(text(t, l.DB(), `SELECT $1::bigint`, c.Rows)) || len(c.Differences) != 200 {
		t.Errorf("%d rows and %d differences, want %s rows and 200", c.Rows, len(c.Differences), want)
	}
	for i := 2; i < len(c.Differences); i += 2 {
		if c.Differences[i].Key <= c.Differences[i-2].Key {
			t.Errorf("%s comes after %s", c.Differences[i].Key, c.Differences[i-2].Key)
		}
	}
}

// Tables that stand still are compared where they stand.
func TestVerifyAtThePositionOfTheTables(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 300)
	w.erasable = nil
	p := messages()
	at := project(t, l, p).Position
	if err := say(t.Context(), l, w, 300); err != nil {
		t.Fatal(err)
	}
	c, err := rebuild.Verify(t.Context(), l, p, nil)
	if err != nil || c.Rows != 0 || c.Live.Position != at || c.Live != c.Rebuilt {
		t.Errorf("got %+v, %v, want no difference at %d", c, err, at)
	}
}

// eraseLast erases the content of the world's last message that has some.
func eraseLast(t testing.TB, l *eventstore.Log, w *world) {
	t.Helper()
	m := w.erasable[len(w.erasable)-1]
	w.erasable = w.erasable[:len(w.erasable)-1]
	at := w.positions[m.MessageID]
	_, err := l.Append(t.Context(), domain.Decision{Actor: domain.Actor{Auth: domain.AuthSystem}, Drafts: []domain.Draft{{
		Stream: domain.ConversationStream(m.ConversationID), Erases: at,
		Data: &domain.ContentErased{MessageID: m.MessageID, ConversationID: &m.ConversationID, ErasedPosition: at, ErasedBy: m.SenderID, Reason: domain.ReasonSender},
	}}})
	if err != nil {
		t.Error(err)
	}
}

// Content that goes when the shadow has it already is no difference: the comparison begins again.
func TestVerifyDuringAnErasure(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 300)
	p := messages()
	project(t, l, p)
	fills, rounds := 0, 0
	c, err := rebuild.Verify(t.Context(), l, p, func(progress rebuild.Progress) {
		switch progress.Stage {
		case rebuild.StageFill:
			if fills++; fills == 1 {
				eraseLast(t, l, w)
			}
		case rebuild.StageCompare:
			rounds++
		}
	})
	if err != nil || c.Rows != 0 || c.Live != c.Rebuilt || rounds != 2 {
		t.Errorf("got %+v, %v in %d rounds, want no difference in the second", c, err, rounds)
	}
}

// Where content goes in every round, that is said; where the erasure is not applied yet, both sides lack it.
func TestVerifyOfStaleTables(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 300)
	p := messages()
	at := project(t, l, p).Position
	var stale *rebuild.StaleError
	_, err := rebuild.Verify(t.Context(), l, p, func(progress rebuild.Progress) {
		if progress.Stage == rebuild.StageFill {
			eraseLast(t, l, w)
		}
	})
	if !errors.As(err, &stale) || stale.Position != at {
		t.Errorf("got %v, want a StaleError at %d", err, at)
	}
	wantEqual(t, l, p)
	project(t, l, p)
	wantEqual(t, l, p)
}

func TestVerifyNamesAnEventThatCannotBeApplied(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 100)
	p := tally(t, l, nil)
	project(t, l, p)
	_, err := rebuild.Verify(t.Context(), l, tallyOf(1, func(events []domain.Event) error {
		if events[0].Position <= 77 && 77 <= events[len(events)-1].Position {
			return errors.New("a slip")
		}
		return nil
	}), nil)
	var apply *rebuild.ApplyError
	if !errors.As(err, &apply) || apply.Position != 77 {
		t.Errorf("got %v, want that 77 cannot be applied", err)
	}
	wantClean(t, l.DB())
}
