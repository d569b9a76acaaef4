package state

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// numbered returns the id that the SQL below makes of a number.
func numbered(kind string, n int) domain.ID {
	id, err := domain.ParseID(fmt.Sprintf("%s000000-0000-7000-8000-%012d", kind, n))
	if err != nil {
		panic(err)
	}
	return id
}

// bigTables has 1000 users and 1000 conversations between each and the next, with 200 messages each
// by turns. All but the last two of a conversation are received and read, but for one of which the
// first is missing. In another, a thousand messages were blocked besides.
const bigTables = `
	CREATE FUNCTION numbered(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
	AS $$ SELECT (kind || '000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

	INSERT INTO users (id, name, folded_name, name_parts, role, active, created_at, position)
	SELECT numbered('aa', n), name, name,
		ARRAY(SELECT DISTINCT substr(name, i, 3) FROM generate_series(1, length(name) - 2) AS i), 'member', true, now(), n
	FROM generate_series(0, 999) AS n, md5(n::text) AS name;

	INSERT INTO conversations (id, starter_id, message_sender_id, message_seq, other_seq,
		last_position, position, created_at, participants, direct)
	SELECT numbered('cc', n), numbered('aa', n), numbered('aa', n), 200, 199,
		1000 * 200 + n, n, now(), 2, true
	FROM generate_series(0, 999) AS n;

	INSERT INTO conversation_participants (conversation_id, user_id, joined_position, joined_seq, joined_at, acked_seq)
	SELECT numbered('cc', n), numbered('aa', (n + other) % 1000), n, 0, now(), 198 - other
	FROM generate_series(0, 999) AS n, generate_series(0, 1) AS other;

	INSERT INTO messages (id, conversation_id, sender_id, seq, position, created_at, risk_score, recipients, content_hash, content)
	SELECT numbered('dd', 1000 * seq + n), numbered('cc', n), numbered('aa', (n + seq % 2) % 1000), seq,
		1000 * seq + n, now(), 0, 1, '', 'x'
	FROM generate_series(1, 200) AS seq, generate_series(0, 999) AS n;

	INSERT INTO messages (id, conversation_id, sender_id, position, created_at, risk_score, recipients, was_blocked, content_hash, content)
	SELECT numbered('bb', n), numbered('cc', 500), numbered('aa', 500), 200999 + n, now(), 0.9, 0, true, '', 'x'
	FROM generate_series(1, 1000) AS n;

	INSERT INTO message_receipts (message_id, user_id, delivered_at, read_at)
	SELECT m.id, numbered('aa', ((m.position % 1000) + 1 - m.seq % 2) % 1000), now(), now()
	FROM messages AS m
	WHERE m.seq <= 198;

	UPDATE conversation_participants
	SET acked_seq = 0
	WHERE conversation_id = numbered('cc', 600);`

func TestPlans(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{bigTables, `VACUUM ANALYZE`} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	user, other, conversation := numbered("aa", 500), numbered("aa", 501), numbered("cc", 500)
	list := func(ids ...domain.ID) string {
		var texts []string
		for _, id := range ids {
			texts = append(texts, id.String())
		}
		return "'{" + strings.Join(texts, ",") + "}'"
	}
	one := "'" + user.String() + "'"
	now := "'{2026-01-01 00:00:00+00}'"
	tests := map[string]struct {
		query string
		args  []string
		pages int // at most
	}{
		"undelivered": {undeliveredSQL, []string{one, "0", "1000000", "1000"}, 60},
		"unread":      {unreadSQL, []string{one, list(conversation), "1000"}, 30},
		"backlog":     {unreadSQL, []string{"'" + numbered("aa", 600).String() + "'", list(numbered("cc", 600)), "20"}, 100},
		"search":      {searchSQL, []string{"'a87'", "20"}, 30},
		"acks":        {acksSQL, []string{list(conversation, conversation), list(user, other)}, 100},
		"receipts":    {receiptsSQL, []string{list(numbered("dd", 199_500)), list(user), now, now}, 60},
		"send": {sendSQL, []string{
			list(conversation), "'{0}'", "'{300000}'", "'{201}'", list(user), "'{200}'",
			list(numbered("ee", 1)), list(conversation), list(user), "'{201}'", "'{300000}'", now,
			"'{0}'", "'{0}'", "'{NULL}'", "'{hash}'", "'{NULL}'", "'{content}'",
		}, 60},
	}
	for name, test := range tests {
		for _, mode := range []string{"custom", "generic"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				seqScan := fmt.Sprintf(`SET LOCAL enable_seqscan = %t`, mode == "custom") // the runner's are generic and without
				plan := pgtest.Explain(t, db, mode, test.query, test.args, seqScan)
				if table := regexp.MustCompile(`Seq Scan on \w+`).FindString(plan); table != "" {
					t.Errorf("%s:\n%s", table, plan)
				}
				if n := pgtest.Pages(t, plan); n > test.pages {
					t.Errorf("touches %d pages, want at most %d:\n%s", n, test.pages, plan)
				}
			})
		}
	}
}
