package session

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
)

// bigTables has 1000 users with 20 sessions each, two of which have expired, with four refresh tokens
// each, and 1000 wallets with 10 nonces each, two of which have expired. One user and one wallet have too many. Of 20,000 tokens that were
// minted by hand a tenth needs no remembering.
const bigTables = `
	CREATE FUNCTION numbered(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
	AS $$ SELECT (kind || '000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

	INSERT INTO auth_nonces (nonce, address, expires_at)
	SELECT 'nonce' || n, 'wallet' || n % 1000, now() + (n - 2000) * interval '1 second'
	FROM generate_series(1, 10000) AS n;
	INSERT INTO auth_nonces (nonce, address, expires_at)
	SELECT 'more' || n, 'wallet500', now() + n * interval '1 second'
	FROM generate_series(1, 995) AS n;

	INSERT INTO auth_sessions (id, user_id, auth, user_agent, created_at, last_used_at, expires_at)
	SELECT numbered('55', n), numbered('aa', n % 1000), 'wallet', repeat('x', 100), now(), now() + n * interval '1 second',
		now() + (n - 2000) * interval '1 minute'
	FROM generate_series(1, 20000) AS n;
	INSERT INTO auth_sessions (id, user_id, auth, user_agent, created_at, last_used_at, expires_at)
	SELECT numbered('56', n), numbered('aa', 500), 'wallet', '', now(), now(), now() + interval '30 days'
	FROM generate_series(1, 85) AS n;

	INSERT INTO auth_refresh_tokens (id, session_id, created_at, used_at)
	SELECT numbered('77', 20000 * n + s), numbered('55', s), now(), CASE WHEN n < 3 THEN now() - n * interval '8 seconds' END
	FROM generate_series(0, 3) AS n, generate_series(1, 20000) AS s;

	INSERT INTO auth_adopted (token_id, expires_at)
	SELECT numbered('99', n), now() - interval '1 day' + (n - 2000) * interval '1 minute'
	FROM generate_series(1, 20000) AS n;`

// No statement may look at a whole table, however many sessions there are.
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
	id := func(kind string, n int) string { return fmt.Sprintf("'%s000000-0000-7000-8000-%012d'", kind, n) }
	session, user := id("55", 19_500), id("aa", 500)
	var live []string
	for n := range 200 {
		live = append(live, strings.Trim(id("55", 19_000+n), "'"))
	}
	for name, tc := range map[string]struct {
		query string
		args  []string
		pages int      // at most
		index []string // those that the plan names
	}{
		"new nonce": {newNonceSQL, []string{"'new'", "'wallet500'", "300", "999", "10"}, 150,
			[]string{"auth_nonces_expires", "auth_nonces_address", "auth_nonces_pkey"}},
		"use nonce": {useNonceSQL, []string{"'nonce9500'", "'wallet500'"}, 10, []string{"auth_nonces_pkey"}},
		"begin": {beginSQL, []string{id("57", 1), user, "'wallet'", "''", id("78", 1), "2592000", "99", "10"}, 400,
			[]string{"auth_sessions_expires", "auth_sessions_user", "auth_sessions_pkey"}},
		"adopt": {adoptSQL, []string{id("58", 1), user, "'token'", "''", "now()", "2592000", "10"}, 150,
			[]string{"auth_adopted_expires", "auth_adopted_pkey"}},
		"use session": {useSessionSQL, []string{session, "2592000"}, 30, []string{"auth_sessions_pkey"}},
		"rotate": {rotateSQL, []string{session, id("77", 3*20_000+19_500), id("78", 1), "10", "99"}, 60,
			[]string{"auth_refresh_tokens_pkey", "auth_refresh_tokens_session"}},
		"end":    {endSQL, []string{session}, 20, []string{"auth_sessions_pkey"}},
		"end of": {endOfSQL, []string{session, user}, 20, []string{"auth_sessions_pkey"}},
		"list":   {listSQL, []string{user}, 200, []string{"auth_sessions_user"}},
		"ended":  {endedSQL, []string{"'{" + strings.Join(live, ",") + "}'"}, 800, []string{"auth_sessions_pkey"}},
	} {
		for _, mode := range []string{"custom", "generic"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				plan := pgtest.Explain(t, db, mode, tc.query, tc.args)
				if table := regexp.MustCompile(`Seq Scan on \w+`).FindString(plan); table != "" {
					t.Errorf("%s:\n%s", table, plan)
				}
				for _, index := range tc.index {
					if !strings.Contains(plan, index) {
						t.Errorf("does not use %s:\n%s", index, plan)
					}
				}
				if n := pgtest.Pages(t, plan); n > tc.pages {
					t.Errorf("touches %d pages, want at most %d:\n%s", n, tc.pages, plan)
				}
			})
		}
	}
}
