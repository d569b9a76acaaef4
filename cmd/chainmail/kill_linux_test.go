package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// The contract's guarantees, under kill -9 of the server, of PostgreSQL and of its keeper, while two dozen
// clients send: nothing acknowledged is lost or doubled, and everything reaches everybody in order.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	const members, rounds = 24, 7
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := embeddedDir(t)
	m := newMachine(t, dir)
	address := lastingAddress(t)
	s := m.serve("--listen", address, "--rate-limit", "0")
	c := newCrowd(t, m, s, members)
	c.start()
	defer c.wg.Wait()
	defer close(c.done)

	for round := range rounds {
		c.awaitAcks(int64(1 + random.IntN(300)))
		switch round % 4 {
		case 0, 2:
			s.kill()
			s = m.serve("--listen", address, "--rate-limit", "0")
		case 1:
			killAndAwait(t, dir, postmaster(dir))
		case 3:
			killAndAwait(t, dir, keeperOf(postmaster(dir)))
		}
	}
	c.awaitAcks(200) // it goes on after the last one too
	s.awaitReady(200, `"status":"ready"`)
	close(c.closing)
	eventually(t, "every message is acknowledged", c.quiet)
	db := openEmbedded(t, dir)
	c.compare(db)
	t.Logf("%d messages were acknowledged", c.acked.Load())
	s.awaitReady(200, `"degraded":[]`)
	eventually(t, "the doctor is content", func() bool { _, _, status := m.run("doctor"); return status == 0 })
}

// newCrowd makes users, a group of them all, and a circle in which everybody writes to his neighbours.
func newCrowd(t testing.TB, m *machine, s *served, n int) *crowd {
	t.Helper()
	c := &crowd{t: t, address: s.address, closing: make(chan struct{}), done: make(chan struct{})}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = m.must("user", "add", fmt.Sprintf("Member %d", i))
	}
	var group string
	for i, id := range ids {
		token := m.must("token", id)
		if i == 0 {
			group = s.startGroup(token, ids[1:])
		}
		c.members = append(c.members, &member{
			crowd: c, id: id, name: strconv.Itoa(i), token: token, group: group,
			peers: []string{ids[(i+1)%n], ids[(i+n-1)%n]},
			acks:  make(map[string]frame), received: make(map[string]frame), seqs: make(map[string]map[int64]bool),
		})
	}
	return c
}

// startGroup starts a conversation and returns its id.
func (s *served) startGroup(token string, others []string) string {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"participant_ids": others, "title": "All"})
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), "POST", "http://"+s.address+"/api/conversations", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	var started struct{ ID string }
	if err != nil || json.Unmarshal(raw, &started) != nil || started.ID == "" {
		s.t.Fatalf("start a group: %s %s %v", response.Status, raw, err)
	}
	return started.ID
}

// awaitAcks waits until so many more messages were acknowledged.
func (c *crowd) awaitAcks(more int64) {
	c.t.Helper()
	target := c.acked.Load() + more
	eventually(c.t, "messages are acknowledged", func() bool { return c.acked.Load() >= target })
}

// openEmbedded connects to a data directory's PostgreSQL.
func openEmbedded(t testing.TB, dir string) *sql.DB {
	t.Helper()
	dsn, err := os.ReadFile(filepath.Join(dir, "postgres", "ready"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("postgres", string(dsn))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// quiet reports whether nobody waits for an answer.
func (c *crowd) quiet() bool {
	for _, m := range c.members {
		if m.waiting.Load() > 0 {
			return false
		}
	}
	return true
}

// logged is a MessageSent in the log.
type logged struct {
	id, conversation, sender, clientID, content string
	position, seq                               int64
}

// compare checks what the members saw against the log, waiting for what is still on its way to them.
func (c *crowd) compare(db *sql.DB) {
	c.t.Helper()
	var head, count, seqs int64
	err := db.QueryRow(`
		SELECT max(position), count(*),
			(SELECT count(*) FROM (SELECT FROM events GROUP BY stream HAVING max(stream_version) <> count(*)) AS x)
		FROM events`).Scan(&head, &count, &seqs)
	if err != nil || head != count || seqs != 0 {
		c.t.Errorf("log: head %d, %d events, %d streams with holes, %v", head, count, seqs, err)
	}
	messages := readMessages(c.t, db)
	byClient := make(map[string]logged)
	lengths := make(map[string]int64)
	for _, l := range messages {
		if twice, ok := byClient[l.clientID]; ok {
			c.t.Errorf("%s is in the log twice: %+v, %+v", l.clientID, twice, l)
		}
		byClient[l.clientID] = l
		lengths[l.conversation] = max(lengths[l.conversation], l.seq)
	}
	for _, m := range c.members {
		c.compareMember(m, messages, byClient, lengths, readConversations(c.t, db, m.id))
	}
	var projected int
	eventually(c.t, "the messages are projected", func() bool {
		const query = `SELECT count(*) FROM messages AS m JOIN events AS e USING (position)
			WHERE m.id::text = e.payload->>'message_id' AND m.content = e.body->>'content'`
		return db.QueryRow(query).Scan(&projected) == nil && projected == len(messages)
	})
}

func (c *crowd) compareMember(
	m *member, messages []logged, byClient map[string]logged, lengths map[string]int64, conversations map[string]bool,
) {
	c.t.Helper()
	for clientID, ack := range m.acks {
		l, ok := byClient[clientID]
		if !ok || l.id != ack.MessageID || l.position != ack.Position || l.seq != ack.Seq || l.sender != m.id {
			c.t.Errorf("%s was acknowledged as %+v, and the log has %+v", clientID, ack, l)
		}
	}
	if len(m.acks) != m.sent {
		c.t.Errorf("%s: %d of %d messages were acknowledged", m.id, len(m.acks), m.sent)
	}
	for conversation := range conversations {
		for seq := int64(1); seq <= lengths[conversation]; seq++ {
			eventually(c.t, fmt.Sprintf("%s sees seq %d of %s", m.id, seq, conversation), func() bool {
				m.mu.Lock()
				defer m.mu.Unlock()
				return m.seqs[conversation][seq]
			})
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range messages {
		if !conversations[l.conversation] || l.sender == m.id {
			continue
		}
		if got, ok := m.received[l.id]; !ok || got.Content != l.content || got.Seq != l.seq || got.Position != l.position {
			c.t.Errorf("%s received %+v, and the log has %+v", m.id, got, l)
		}
	}
}

func readMessages(t testing.TB, db *sql.DB) (all []logged) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `
		SELECT payload->>'message_id', payload->>'conversation_id', payload->>'sender_id', payload->>'client_message_id',
			body->>'content', position, stream_version
		FROM events
		WHERE type = 'MessageSent'
		ORDER BY position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var l logged
		if err := rows.Scan(&l.id, &l.conversation, &l.sender, &l.clientID, &l.content, &l.position, &l.seq); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// readConversations returns the ids of a user's conversations, from the state tables.
func readConversations(t testing.TB, db *sql.DB, user string) map[string]bool {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT conversation_id FROM conversation_participants WHERE user_id = $1`, user)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := make(map[string]bool)
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		all[id] = true
	}
	if err := rows.Err(); err != nil || len(all) != 3 {
		t.Fatalf("conversations of %s: %v, %v, want two neighbours and the group", user, all, err)
	}
	return all
}
