package rebuild_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/projections"
	"chainmail/projections/rebuild"
)

// catalogSQL is all that PostgreSQL knows of a projection's tables, but their numbers.
const catalogSQL = `
	SELECT string_agg(line, E'\n' ORDER BY line)
	FROM (
		SELECT format('table %s.%s owner %s options %s toast %s persistence %s replica %s comment %s acl %s', c.relnamespace::regnamespace, c.relname,
			pg_get_userbyid(c.relowner), c.reloptions, t.reloptions, c.relpersistence, c.relreplident, obj_description(c.oid, 'pg_class'),
			(SELECT array_agg(g::text ORDER BY g::text) FROM unnest(coalesce(c.relacl, acldefault('r', c.relowner))) AS g)) AS line
		FROM pg_class AS c
		LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
		WHERE c.relname = ANY ($1) AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
		UNION ALL
		SELECT format('column %s nth %s %s %s collation %s null %s default %s storage %s compression %s statistics %s options %s comment %s acl %s', c.relname,
			row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation,
			a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attstorage, a.attcompression, a.attstattarget, a.attoptions,
			col_description(c.oid, a.attnum), a.attacl)
		FROM pg_class AS c
		JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
		WHERE c.relname = ANY ($1) AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
		UNION ALL
		SELECT format('constraint %s on %s %s %s comment %s', k.conname, k.conrelid::regclass, k.contype, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint'))
		FROM pg_constraint AS k
		JOIN pg_class AS c ON c.oid = k.conrelid
		WHERE c.relname = ANY ($1) AND c.relnamespace = 'public'::regnamespace
		UNION ALL
		SELECT format('index %s valid %s clustered %s replica %s options %s comment %s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered, i.indisreplident,
			x.reloptions, obj_description(i.indexrelid, 'pg_class'))
		FROM pg_index AS i
		JOIN pg_class AS c ON c.oid = i.indrelid
		JOIN pg_class AS x ON x.oid = i.indexrelid
		WHERE c.relname = ANY ($1) AND c.relnamespace = 'public'::regnamespace
	) AS lines`

func catalog(t testing.TB, db *sql.DB, tables []string) string {
	t.Helper()
	return text(t, db, catalogSQL, "{"+strings.Join(tables, ",")+"}")
}

// role makes a role for one test. It goes with the test's database.
func role(t testing.TB, db *sql.DB, name string) string {
	t.Helper()
	full := name + "_" + text(t, db, `SELECT current_database()`)
	exec(t, db, `CREATE ROLE "`+full+`"`)
	t.Cleanup(func() {
		// The test's context has ended by now.
		for _, statement := range []string{`DROP OWNED BY "` + full + `" CASCADE`, `DROP ROLE "` + full + `"`} {
			if _, err := db.ExecContext(context.Background(), statement); err != nil {
				t.Error(err)
			}
		}
	})
	return `"` + full + `"`
}

// A rebuild leaves nothing of the tables' definition otherwise than it was.
func TestDefinitionIsKept(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 300)
	db, p := l.DB(), messages()
	tables := append(slices.Clone(p.Tables), "merkle_batches")
	check := func(what string) {
		t.Helper()
		want := catalog(t, db, tables)
		mustRun(t, l, p)
		got := catalog(t, db, tables)
		for _, line := range strings.Split(want, "\n") {
			if !strings.Contains(got+"\n", line+"\n") {
				t.Errorf("%s: lost %s", what, line)
			}
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
		}
	}
	check("as migrated")
	reader, clerk, owner := role(t, db, "reader"), role(t, db, "clerk"), role(t, db, "owner")
	for _, statement := range []string{
		`GRANT SELECT ON messages, users TO ` + reader,
		`GRANT SELECT, UPDATE ON users TO ` + clerk + ` WITH GRANT OPTION`,
		`GRANT SELECT (id, seq), UPDATE (content) ON messages TO ` + clerk,
		`GRANT SELECT ON conversations TO PUBLIC`,
		`REVOKE DELETE, TRUNCATE ON conversations FROM CURRENT_USER`,
		`ALTER TABLE message_counts OWNER TO ` + owner,
		`GRANT SELECT ON message_counts TO ` + reader,
		`ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO PUBLIC`,
		`ALTER TABLE messages SET (fillfactor = 71, autovacuum_enabled = false, toast.autovacuum_enabled = false)`,
		`ALTER TABLE messages ALTER COLUMN content SET STATISTICS 7, ALTER COLUMN content SET STORAGE EXTERNAL, ALTER COLUMN content SET COMPRESSION lz4`,
		`ALTER TABLE messages ALTER COLUMN sender_id SET (n_distinct = -0.5)`,
		`ALTER TABLE messages ADD CONSTRAINT "a ""check"" 'quoted'" CHECK (recipients >= 0)`,
		`COMMENT ON CONSTRAINT "a ""check"" 'quoted'" ON messages IS 'it''s "quoted"'`,
		`CREATE INDEX "by 'sender' ON public.messages" ON messages (sender_id, (risk_score * 2) DESC) WITH (fillfactor = 60) WHERE NOT was_blocked`,
		`COMMENT ON INDEX "by 'sender' ON public.messages" IS 'it''s'`,
		`CREATE UNIQUE INDEX by_position ON messages (position) INCLUDE (seq)`,
		`ALTER TABLE messages CLUSTER ON by_position`,
		`ALTER TABLE messages REPLICA IDENTITY USING INDEX by_position`,
		`ALTER TABLE users REPLICA IDENTITY FULL`,
		`ALTER TABLE conversation_participants ADD UNIQUE (user_id, conversation_id, joined_seq) DEFERRABLE INITIALLY DEFERRED`,
		`ALTER TABLE conversations ADD EXCLUDE USING btree (position WITH =)`,
		`ALTER TABLE users DROP COLUMN role, ADD COLUMN role text COLLATE "C" NOT NULL DEFAULT 'it''s'`, // behind a dropped one
	} {
		exec(t, db, statement)
	}
	check("as an operator changed it")
	check("once more")
}

// What hangs on a table is named, at once or when it comes during the work, and everything stays.
func TestForeignObjectsAreNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ make, want string }{
		"view":               {`CREATE VIEW mine AS SELECT type FROM tally`, "view mine"},
		"materialized view":  {`CREATE MATERIALIZED VIEW mine AS SELECT type FROM tally`, "materialized view mine"},
		"rule":               {`CREATE RULE mine AS ON DELETE TO tally DO ALSO NOTHING`, "rule mine on table tally"},
		"foreign key":        {`CREATE TABLE mine (type text REFERENCES tally)`, "constraint mine_type_fkey on table mine"},
		"own foreign key":    {`CREATE TABLE mine (type text PRIMARY KEY); ALTER TABLE tally ADD FOREIGN KEY (type) REFERENCES mine NOT VALID`, "constraint tally_type_fkey on table tally"},
		"trigger":            {`CREATE TRIGGER mine AFTER INSERT ON tally EXECUTE FUNCTION suppress_redundant_updates_trigger()`, "trigger mine on table tally"},
		"policy":             {`CREATE POLICY mine ON tally`, "policy mine on table tally"},
		"row security":       {`ALTER TABLE tally ENABLE ROW LEVEL SECURITY`, "row security of table tally"},
		"publication":        {`CREATE PUBLICATION mine FOR TABLE tally`, "publication of table tally in publication mine"},
		"child":              {`CREATE TABLE mine () INHERITS (tally)`, "inheritance of table tally"},
		"column of its type": {`CREATE TABLE mine (row tally)`, "column row of table mine"},
		"list of its type":   {`CREATE TABLE mine (rows tally[])`, "column rows of table mine"},
		"function":           {`CREATE FUNCTION mine() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM tally; END`, "function mine()"},
		"statistics":         {`CREATE STATISTICS mine ON type, events FROM tally`, "statistics object mine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := openWorld(t, 1, 20)
			p := tally(t, l, func([]domain.Event) error { return nil })
			project(t, l, p)
			want := sum(t, l, p)
			refused := func(p projections.Projection, report func(rebuild.Progress)) {
				t.Helper()
				var foreign *rebuild.ForeignError
				if _, err := rebuild.Run(t.Context(), l, p, report); !errors.As(err, &foreign) || !slices.ContainsFunc(foreign.Objects, func(o string) bool { return strings.Contains(o, test.want) }) {
					t.Errorf("got %v, want a ForeignError naming %s", err, test.want)
				}
				if got := sum(t, l, p); got != want {
					t.Errorf("the live tables are %+v, want %+v", got, want)
				}
				wantClean(t, l.DB())
			}
			late := sync.OnceFunc(func() { try(t, l.DB(), test.make) })
			refused(p, func(rebuild.Progress) { late() })
			p.Apply = func(context.Context, *sql.Tx, []domain.Event) error { return errors.New("long work was begun in vain") }
			refused(p, nil)
		})
	}
}

// A definition that changes under way is not lost.
func TestChangedDefinition(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 20)
	p := tally(t, l, nil)
	project(t, l, p)
	late := sync.OnceFunc(func() { try(t, l.DB(), `ALTER TABLE tally ADD COLUMN note text`) })
	var changed *rebuild.ChangedError
	if _, err := rebuild.Run(t.Context(), l, p, func(rebuild.Progress) { late() }); !errors.As(err, &changed) {
		t.Errorf("got %v, want a ChangedError", err)
	}
	mustRun(t, l, p)
	if got := text(t, l.DB(), `SELECT count(*) FROM pg_attribute WHERE attrelid = 'tally'::regclass AND attname = 'note'`); got != "1" {
		t.Error("the new column is lost")
	}
}

// The swap waits for one who holds a table, however long, and names him; meanwhile others read.
func TestSwapGivesWay(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{
		"reader of a table":              `BEGIN; SELECT FROM message_receipts`,
		"older snapshot, no table yet":   `BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM events`,
		"one who alters another's table": `BEGIN; LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := openWorld(t, 1, 500)
			p := messages()
			want := project(t, l, p)
			messagesBefore := text(t, l.DB(), `SELECT count(*) FROM messages`)
			conn, err := l.DB().Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var pid int
			if err := conn.QueryRowContext(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.ExecContext(t.Context(), begin); err != nil {
				t.Fatal(err)
			}
			waited := 0
			_, err = rebuild.Run(t.Context(), l, p, func(p rebuild.Progress) {
				if !slices.Contains(p.Waiting, pid) {
					return
				}
				if waited++; waited < 3 {
					if got := text(t, l.DB(), `SELECT count(*) FROM messages`); got != messagesBefore {
						t.Errorf("another reader sees %s messages, want %s", got, messagesBefore)
					}
					return
				}
				var got string
				if err := conn.QueryRowContext(t.Context(), `SELECT count(*) FROM messages`).Scan(&got); err != nil || got != messagesBefore {
					t.Errorf("he sees %s messages (%v), want %s", got, err, messagesBefore)
				}
				if _, err := conn.ExecContext(t.Context(), `COMMIT`); err != nil {
					t.Error(err)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if waited < 3 {
				t.Errorf("it waited %d times for %d", waited, pid)
			}
			if got := sum(t, l, p); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// Words that are erased while the tables are swapped do not come back with the new ones. The erasure waits for nobody.
func TestErasedDuringTheSwap(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 300)
	p := messages()
	project(t, l, p)
	last := w.erasable[len(w.erasable)-1].MessageID.String()
	forget := p.Forget
	p.Forget = func(ctx context.Context, tx *sql.Tx, after domain.Position) error { // the swap holds the tables
		eraseLast(t, l, w)
		return forget(ctx, tx, after)
	}
	mustRun(t, l, p)
	const query = `SELECT (content IS NULL AND salt IS NULL)::text FROM messages WHERE id = $1`
	if got := text(t, l.DB(), query, last); got != "true" {
		t.Errorf("the words are gone: %s", got)
	}
	project(t, l, p)
	wantEqual(t, l, messages())
}

// A projection's tables change by a migration that expands them, and a rebuild that fills what is new.
func TestSchemaChange(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 300)
	old := tally(t, l, nil)
	oldRunner, _ := run(t, l, old)
	catchUp(t, oldRunner, l, "tally")
	exec(t, l.DB(), `ALTER TABLE tally ADD COLUMN last_position bigint NOT NULL DEFAULT 0; CREATE INDEX tally_last ON tally (last_position)`)

	next := tallyOf(2, nil)
	next.Apply = func(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
		const query = `
			INSERT INTO tally (type, events, last_position) VALUES ($1, 1, $2)
			ON CONFLICT (type) DO UPDATE SET events = tally.events + 1, last_position = $2`
		for _, e := range events {
			if _, err := tx.ExecContext(ctx, query, string(e.Type), int64(e.Position)); err != nil {
				return err
			}
		}
		return nil
	}
	newRunner, _ := run(t, l, next) // servers of both releases
	eventually(t, "the new server asks for a rebuild", func() bool {
		return strings.Contains(newRunner.Status()[0].Stuck, "run chainmail rebuild tally")
	})
	if err := say(t.Context(), l, w, 30); err != nil {
		t.Fatal(err)
	}
	catchUp(t, oldRunner, l, "tally") // the old ones go on until then
	var version *rebuild.VersionError
	if _, err := rebuild.Verify(t.Context(), l, next, nil); !errors.As(err, &version) || version.Live != 1 || version.Ours != 2 {
		t.Errorf("Verify: got %v, want a VersionError", err)
	}

	mustRun(t, l, next)
	if err := say(t.Context(), l, w, 30); err != nil {
		t.Fatal(err)
	}
	catchUp(t, newRunner, l, "tally")
	eventually(t, "the old server leaves it alone", func() bool {
		return strings.Contains(oldRunner.Status()[0].Stuck, "a newer server runs it")
	})
	const query = `SELECT count(*) FROM tally AS t WHERE (t.events, t.last_position) <> (SELECT count(*), max(position) FROM events AS e WHERE e.type = t.type)`
	if got := text(t, l.DB(), query); got != "0" {
		t.Errorf("%s rows are wrong", got)
	}
	wantEqual(t, l, next)
}

// A rebuild that cannot make its schema says what is missing.
func TestWithoutTheRightToMakeASchema(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 20)
	db, p := l.DB(), tally(t, l, nil)
	name, who := text(t, db, `SELECT current_database()`), role(t, db, "poor")
	exec(t, db, `GRANT ALL ON ALL TABLES IN SCHEMA public TO `+who)
	exec(t, db, `ALTER DATABASE `+name+` SET role = `+who)
	conn, err := db.Conn(t.Context()) // from before that setting
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(0)
	_, err = rebuild.Run(t.Context(), l, p, nil)
	if err == nil || !strings.Contains(err.Error(), "permission denied for database") {
		t.Errorf("got %v, want that permission is denied", err)
	}
	if _, err := conn.ExecContext(t.Context(), `ALTER DATABASE `+name+` RESET role`); err != nil {
		t.Error(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}
