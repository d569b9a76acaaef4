package main

import (
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// An event that no projection can apply stops the projection alone: it is told everywhere, and sends and
// pushes go on.
func TestPoisonedProjection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ ofType, payload, reason string }{
		"unknown type":          {"BananaPeeled", `{}`, "event type BananaPeeled is newer than this server"},
		"unreadable payload":    {"MessageSent", `{"message_id": 7}`, "MessageSent cannot be applied"},
		"deciding, unreadable":  {"ConversationStarted", `{"conversation_id": []}`, "ConversationStarted cannot be applied"},
		"deciding, of the lost": {"UserDeactivated", `{"user_id": "01890a5d-ac96-774b-bcce-b302099a8057"}`, "UserDeactivated cannot be applied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			m := onDatabase(t, db.DSN)
			alice, bob := m.must("user", "add", "Alice"), m.must("user", "add", "Bob")
			tokenA, tokenB := m.must("token", alice), m.must("token", bob)
			s := m.serve("--listen", "127.0.0.1:0")
			a, b := s.connect(tokenA), s.connect(tokenB)
			a.say(bob, "1", "before")
			a.await("message_sent")
			b.await("chat_message")

			const insert = `
				INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
				SELECT max(position) + 1, gen_random_uuid(), 'poison', 1, $1, $2, '{"schema_version":1,"auth":"system"}', now(), sha256('')
				FROM events`
			if _, err := db.SQL.ExecContext(t.Context(), insert, test.ofType, test.payload); err != nil {
				t.Fatal(err)
			}
			s.awaitReady(200, `"projection":"messages"`)
			exchange(t, a, b, alice, bob)
			checkDegraded(t, m, s, test.reason)

			// A server that starts on it does the same.
			if status := s.stop(); status != 0 {
				t.Errorf("exit status: got %d, want 0", status)
			}
			s = m.serve("--listen", "127.0.0.1:0")
			s.awaitReady(200, `"projection":"messages"`)
			a, b = s.connect(tokenA), s.connect(tokenB)
			exchange(t, a, b, alice, bob)
			checkDegraded(t, m, s, test.reason)
		})
	}
}

// exchange sends a message each way.
func exchange(t testing.TB, a, b *socket, alice, bob string) {
	t.Helper()
	for _, way := range []struct {
		from, to *socket
		receiver string
	}{{a, b, bob}, {b, a, alice}} {
		way.from.send(map[string]any{"type": "chat_message", "receiver_id": way.receiver, "content": "after"})
		sent := way.from.await("message_sent")
		if got := way.to.await("chat_message"); got.MessageID != sent.MessageID {
			t.Errorf("pushed %+v, want %+v", got, sent)
		}
	}
}

// checkDegraded checks that health, metrics and doctor name the projection and the reason.
func checkDegraded(t testing.TB, m *machine, s *served, reason string) {
	t.Helper()
	status, body := s.get("/readyz")
	if status != 200 || !strings.Contains(body, `"degraded":[{"projection":"messages","reason":"`+reason) {
		t.Errorf("/readyz: got %d %s, want 200 and %q", status, body, reason)
	}
	const metric = `chainmail_projection_stuck{projection="messages"} 1`
	if status, body := s.get("/metrics"); status != 200 || !strings.Contains(body, metric) {
		t.Errorf("/metrics: got %d, want %s", status, metric)
	}
	if stdout, _, status := m.run("doctor"); status != 1 || !strings.Contains(stdout, reason) {
		t.Errorf("doctor: got %d\n%s\nwant 1 and %q", status, stdout, reason)
	}
}

// A row that cannot even be read stops pushes, which makes the server unready; doctor, replay and rebuild refuse such a log.
func TestUnreadableEvent(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	m.must("user", "add", "Alice")
	s := m.serve("--listen", "127.0.0.1:0")
	s.awaitReady(200, `"status":"ready"`)
	const insert = `
		INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		SELECT max(position) + 1, gen_random_uuid(), 'poison', 1, 'UserBlocked', '{}', '{}', now(), '\x00'
		FROM events`
	if _, err := db.SQL.ExecContext(t.Context(), insert); err != nil {
		t.Fatal(err)
	}
	m.must("user", "add", "Bob") // which wakes the server
	s.awaitReady(503, "nothing is pushed")
	for _, command := range [][]string{{"replay"}, {"rebuild"}, {"rebuild", "--verify"}} {
		if _, stderr, status := m.run(command...); status != 1 {
			t.Errorf("%v: exit status %d, want 1: %s", command, status, stderr)
		}
	}
}
