package httpapi_test

import (
	"net/http"
	"testing"
)

// fill puts 100,000 messages of Bob's into a conversation, in the tables alone.
const fill = `
	INSERT INTO messages (id, conversation_id, sender_id, seq, position, created_at, risk_score, recipients, salt, content_hash, content)
	SELECT gen_random_uuid(), $1, $2, n, n + 1000, now(), 0, 1, '\x00', repeat('0', 64), repeat('word ', 20)
	FROM generate_series(2, 100001) AS n`

func BenchmarkReads(b *testing.B) {
	w := newWorld(b)
	ann, bob := w.person("Ann"), w.person("Bob")
	id := ann.group("long", bob)
	w.settle()
	for _, statement := range []struct {
		text      string
		arguments []any
	}{{fill, []any{id, bob.id.String()}}, {`VACUUM ANALYZE messages`, nil}} {
		if _, err := w.log.DB().ExecContext(b.Context(), statement.text, statement.arguments...); err != nil {
			b.Fatal(err)
		}
	}
	for name, path := range map[string]string{
		"me":                         "/api/me",
		"newest page":                "/api/conversations/" + id + "/messages",
		"page in the middle":         "/api/conversations/" + id + "/messages?before=50000",
		"oldest page":                "/api/conversations/" + id + "/messages?after=0",
		"list, by the sender of all": "/api/conversations",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r := bob.get(path); r.status != http.StatusOK {
					b.Fatal(r.raw)
				}
			}
		})
	}
	b.Run("list, with all unread", func(b *testing.B) {
		for b.Loop() {
			ann.get("/api/conversations")
		}
	})
}
