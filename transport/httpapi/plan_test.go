package httpapi

import (
	"database/sql"
	"strings"
	"testing"

	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/notifications"
	"chainmail/projections/state"
	"chainmail/projections/tasks"
)

// No read may need to look at a whole table. With sequential scans made dear, one that is left in a plan
// says that there is no index to do without it.
func TestReadsUseIndexes(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, tc := range map[string]struct {
		query, types, arguments string
		index                   string // one that the plan must name
	}{
		"users":              {usersSQL, "uuid[]", "'{}'", "users_pkey"},
		"wallet":             {walletSQL, "text", "''", "users_wallet_address_key"},
		"conversations":      {conversationsSQL, "uuid, bigint, bigint", "NULL, 0, 0", "conversation_participants_user"},
		"conversation":       {conversationSQL, "uuid, uuid", "NULL, NULL", "conversations_pkey"},
		"participants":       {participantsSQL, "uuid[], bigint[]", "'{}', '{}'", "conversation_participants_pkey"},
		"last messages":      {lastMessagesSQL, "uuid[], bigint[], bigint[]", "'{}', '{}', '{}'", "messages_conversation_id_seq_key"},
		"messages":           {messagesSQL, "uuid[]", "'{}'", "messages_pkey"},
		"receipts":           {receiptsSQL, "uuid[]", "'{}'", "message_receipts_pkey"},
		"visible":            {visibleSQL, "uuid, uuid, boolean", "NULL, NULL, false", "messages_pkey"},
		"blocks":             {blocksSQL, "uuid, uuid, bigint", "NULL, NULL, 0", "user_blocks_pkey"},
		"spans seen":         {spansSeenSQL, "uuid, uuid", "NULL, NULL", "conversation_participants_"},
		"memberships":        {membershipsSQL, "uuid", "NULL", "conversation_participants_pkey"},
		"messages forward":   {messagesForwardSQL, "uuid, bigint[], bigint[], bigint", "NULL, '{}', '{}', 0", "messages_conversation_id_seq_key"},
		"messages backward":  {messagesBackwardSQL, "uuid, bigint[], bigint[], bigint", "NULL, '{}', '{}', 0", "messages_conversation_id_seq_key"},
		"changes":            {changesSQL, "uuid, bigint[], bigint[], boolean, bigint", "NULL, '{}', '{}', true, 0", "conversation_participants_pkey"},
		"blocked":            {blockedSQL, "bigint, bigint", "0, 0", "blocked_messages_position"},
		"notifications":      {notificationsSQL, "uuid, bigint, bigint", "NULL, 0, 0", "notifications_user"},
		"projects":           {projectsSQL, "bigint, bigint", "0, 0", "projects_position"},
		"project":            {projectSQL, "uuid", "NULL", "projects_pkey"},
		"all tasks":          {allTasksSQL, "bigint, bigint", "0, 0", "tasks_position"},
		"tasks of a project": {tasksOfProjectSQL, "uuid, boolean, uuid, bigint, bigint", "NULL, false, NULL, 0, 0", "tasks_project"},
		"tasks of an author": {tasksOfUserSQL, "uuid, bigint, bigint", "NULL, 0, 0", "tasks_author"},
		"a freelancer's":     {tasksOfUserSQL, "uuid, bigint, bigint", "NULL, 0, 0", "tasks_freelancer"},
		"task":               {taskSQL, "uuid, boolean, uuid", "NULL, false, NULL", "tasks_pkey"},
		"offset":             {offsetSQL, "text", "''", "projection_offsets_pkey"},
		"stays seen":         {staysSeenSQL, "uuid, uuid", "NULL, NULL", "conversation_participants_"},
		"message positions":  {messagePositionsSQL, "uuid[]", "'{}'", "messages_pkey"},
		"batches":            {batchesSQL, "bigint, bigint", "0, 0", "merkle_batches_pkey"},
		"conversation there": {conversationExistsSQL, "uuid", "NULL", "conversations_pkey"},
	} {
		t.Run(name, func(t *testing.T) {
			got := plan(t, db, tc.query, tc.types, tc.arguments)
			if strings.Contains(got, "Seq Scan") || !strings.Contains(got, tc.index) {
				t.Errorf("the plan does not use %s alone:\n%s", tc.index, got)
			}
		})
	}
}

// A read holds all tables that it may look at before it sees any, so that none is swapped for another in between.
func TestReadsHoldTheirTables(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a := new(api)
	for _, tc := range []struct {
		from       source
		projection projections.Projection
	}{
		{a.fromMessages(), state.Projection()},
		{a.fromNotifications(), notifications.Projection()},
		{a.fromTasks(), tasks.Projection()},
	} {
		t.Run(tc.projection.Name, func(t *testing.T) {
			if tc.from.projection != tc.projection.Name {
				t.Errorf("it is the projection %s", tc.from.projection)
			}
			holdsTables(t, db, tc.from, tc.projection)
		})
	}
}

func holdsTables(t *testing.T, db *sql.DB, from source, p projections.Projection) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := begin(t.Context(), tx, from); err != nil {
		t.Fatal(err)
	}
	const query = `
		SELECT EXISTS (
			SELECT FROM pg_locks
			WHERE pid = pg_backend_pid() AND relation = $1::regclass AND mode = 'AccessShareLock'
		)`
	for _, table := range p.Tables {
		if table == "message_counts" { // is not read here
			continue
		}
		var held bool
		if err := tx.QueryRowContext(t.Context(), query, table).Scan(&held); err != nil || !held {
			t.Errorf("%s is not held (%v)", table, err)
		}
	}
}

// plan returns what PostgreSQL would do for any arguments.
func plan(t *testing.T, db *sql.DB, query, types, arguments string) string {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	prepare, execute := "PREPARE hot ("+types+") AS ", "EXPLAIN EXECUTE hot ("+arguments+")"
	if types == "" {
		prepare, execute = "PREPARE hot AS ", "EXPLAIN EXECUTE hot"
	}
	for _, statement := range []string{
		`SET enable_seqscan = off`, `SET plan_cache_mode = force_generic_plan`, prepare + query,
	} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	rows, err := conn.QueryContext(t.Context(), execute)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), `DEALLOCATE hot`); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
