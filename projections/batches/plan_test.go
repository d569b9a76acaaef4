package batches

import (
	"database/sql"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/eventstore"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

// largeLog has 300,000 events with payloads of the usual length, and the nodes of its tree.
const largeLog = `
	INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
	SELECT p, '01234567-89ab-7cde-8123-456789abcdef', 'log', p, 'UserBlocked',
		json_build_object('filler', repeat('x', 300)), '{}', now(), sha256('')
	FROM generate_series(1, 300000) AS p;
	INSERT INTO merkle_nodes (level, index, hash)
	SELECT level, index, sha256('') FROM generate_series(1, 2) AS level, generate_series(0, (300000 >> (8 * level)) - 1) AS index;
	VACUUM ANALYZE events, merkle_nodes`

// A proof reads the hashes that it needs and few others, and no table from end to end.
func TestProofsReadLittle(t *testing.T) {
	t.Parallel()
	db, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query := range strings.SplitSeq(largeLog, ";") {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string][]span{
		"tile of leaves": {{0, 256, 512}},
		"tile of nodes":  {{1, 0, 256}},
		"inclusion":      asked(t, func(r tlog.HashReader) error { _, err := tlog.ProveRecord(299_999, 123_456, r); return err }),
		"consistency":    asked(t, func(r tlog.HashReader) error { _, err := tlog.ProveTree(299_999, 111_111, r); return err }),
	}
	for name, spans := range tests {
		for _, mode := range []string{"custom", "generic"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				plan := explain(t, db, mode, spans)
				// An empty partition is scanned if at all; those without the positions are not.
				if table := regexp.MustCompile(`Seq Scan on .*actual.*`).FindString(plan); table != "" {
					t.Errorf("%s:\n%s", table, plan)
				}
				hashes := 0
				for _, s := range spans {
					hashes += int(s.end - s.first)
				}
				// 15 events are on a page, and to find a span takes some pages.
				if n, most := pgtest.Pages(t, plan), hashes/15+8*len(spans); n > most {
					t.Errorf("touches %d pages for %d hashes, want at most %d:\n%s", n, hashes, most, plan)
				}
			})
		}
	}
}

// asked are the spans that a proof asks for.
func asked(t *testing.T, prove func(tlog.HashReader) error) (spans []span) {
	t.Helper()
	err := prove(tlog.HashReaderFunc(func(stored []int64) ([]tlog.Hash, error) {
		for _, s := range stored {
			spans = append(spans, spanOf(s))
		}
		return make([]merkle.Hash, len(stored)), nil
	}))
	if err != nil || len(spans) < 10 {
		t.Fatalf("%d spans, %v", len(spans), err)
	}
	return spans
}

func explain(t *testing.T, db *sql.DB, mode string, spans []span) string {
	t.Helper()
	var levels, firsts, ends []string
	for _, s := range spans {
		levels = append(levels, strconv.Itoa(s.level))
		firsts = append(firsts, strconv.FormatInt(s.first, 10))
		ends = append(ends, strconv.FormatInt(s.end, 10))
	}
	list := func(items []string) string { return "'{" + strings.Join(items, ",") + "}'" }
	return pgtest.Explain(t, db, mode, readSQL, []string{list(levels), list(firsts), list(ends)})
}
