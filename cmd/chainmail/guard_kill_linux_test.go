package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/guard/llm"
	"chainmail/transport/judge/judgetest"
)

// The server is killed again and again while clients send, some of it bad, some of it uncertain, and send again until they have an
// answer: also right when the model is asked, and right after it has answered. Nothing slips through unjudged, and nothing is
// judged into two events.
func TestKilledBetweenVerdictAndAppend(t *testing.T) {
	t.Parallel()
	const rounds = 12
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	asked, answered := make(chan struct{}), make(chan struct{})
	tell := func(c chan struct{}) { // nobody may be listening
		select {
		case c <- struct{}{}:
		default:
		}
	}
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		tell(asked)
		label, score := llm.Benign, 0.0
		if strings.Contains(q.Text, wicked) {
			label, score = llm.Scam, 1
		}
		return judgetest.Then(judgetest.Says(label, score), func() { tell(answered) })
	})
	g := newGuarded(t, "CHAINMAIL_GUARD_LLM_KEY="+judgetest.Key)
	args := []string{"--listen", lastingAddress(t), "--guard-llm-url", m.URL, "--guard-llm-model", judgetest.Name, "--guard-llm-timeout", "3s"}
	s := g.start(args...)
	senders := newSenders(g, s.address)
	for _, c := range senders.all {
		senders.wg.Go(c.live)
	}
	defer senders.wg.Wait()
	stop := sync.OnceFunc(func() { close(senders.closing) })
	defer stop()
	await := func(c chan struct{}) {
		select {
		case <-c:
		case <-time.After(patience):
			t.Error("the model is not asked any more")
		}
	}
	for round := range rounds {
		senders.await(t, 1+random.IntN(60))
		switch round % 3 {
		case 0:
			await(asked)
		case 1:
			await(answered)
		}
		s.kill()
		s = g.start(args...)
	}
	senders.await(t, 50)
	stop()
	senders.wg.Wait()
	senders.compare()
	if n := g.count("GuardPolicyInstalled"); n != 1 {
		t.Errorf("%d policies are installed, want 1", n)
	}
	s.awaitReady(200, `"degraded":[]`)
	g.verify()
	var projected int
	eventually(t, "all are projected", func() bool {
		const query = `SELECT count(*) FROM messages WHERE was_blocked = (content LIKE '%drain the wallet%' OR content LIKE '%wicked%')`
		return g.db.QueryRow(query).Scan(&projected) == nil && projected == len(senders.answers)
	})
}

// wicked is in uncertain messages that the model takes for harmful.
const wicked = "wicked"

// senders are clients who send until closing, and then until everything is answered.
type senders struct {
	*guarded
	address string
	all     []*sender
	closing chan struct{}
	wg      sync.WaitGroup

	mu      sync.Mutex
	answers map[string]frame // guarded by mu; by client_message_id
}

// sender is one of them. Its goroutine owns it.
type sender struct {
	*senders
	token, to string
	name      string
	sent      int
	pending   map[string]string // contents by client_message_id
}

func newSenders(g *guarded, address string) *senders {
	s := &senders{guarded: g, address: address, closing: make(chan struct{}), answers: make(map[string]frame)}
	people := []string{g.ann, g.bob, g.must("user", "add", "Cat"), g.must("user", "add", "Dan")}
	for i, id := range people {
		s.all = append(s.all, &sender{
			senders: s, token: g.must("token", id), to: people[(i+1)%len(people)], name: fmt.Sprint(i), pending: make(map[string]string),
		})
	}
	return s
}

// await waits for so many more answers.
func (s *senders) await(t testing.TB, more int) {
	t.Helper()
	count := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.answers)
	}
	target := count() + more
	eventually(t, "messages are answered", func() bool { return count() >= target })
}

// closed reports whether nothing new is to be sent.
func (s *senders) closed() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// live connects again and again until all is answered.
func (c *sender) live() {
	for deadline := time.Now().Add(5 * patience); !c.closed() || len(c.pending) > 0; {
		if time.Now().After(deadline) {
			c.t.Errorf("%d messages of %s are not answered", len(c.pending), c.name)
			return
		}
		if conn, err := dial(c.address, c.token, ""); err == nil {
			c.attend(conn)
			conn.Close()
		} else {
			time.Sleep(20 * time.Millisecond) // the server is away
		}
	}
}

// attend uses a connection until it ends, or all is answered.
func (c *sender) attend(conn *websocket.Conn) {
	say := func(id string) error {
		return conn.WriteJSON(map[string]any{"type": "chat_message", "receiver_id": c.to, "client_message_id": id, "content": c.pending[id]})
	}
	for id := range maps.Clone(c.pending) { // in any order: it was never said which comes first
		if say(id) != nil {
			return
		}
	}
	for {
		for len(c.pending) < 4 && !c.closed() {
			id := c.next()
			if say(id) != nil {
				return
			}
		}
		if len(c.pending) == 0 {
			return
		}
		f, err := readFrame(conn)
		if err != nil {
			return
		}
		c.take(f)
	}
}

// next makes up a message: half of them are bad, and half of what is left is uncertain.
func (c *sender) next() string {
	c.sent++
	id := c.name + "-" + fmt.Sprint(c.sent)
	c.pending[id] = id + ": " + []string{
		judgetest.Scam, "hello", judgetest.Scam, "a " + judgetest.Doubtful, "a " + wicked + " " + judgetest.Doubtful, "strange",
	}[c.sent%6]
	return id
}

// take notes an answer, which agrees with any earlier one and with what was said.
func (c *sender) take(f frame) {
	switch f.Type {
	case "message_sent", "warning":
	case "error":
		c.t.Errorf("error %s for %s", f.Code, f.ClientMessageID)
		return
	default:
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	before, again := c.answers[f.ClientMessageID]
	if again && (before.Type != f.Type || before.MessageID != f.MessageID || before.Position != f.Position) {
		c.t.Errorf("%s was answered with %+v and with %+v", f.ClientMessageID, before, f)
	}
	if content, ok := c.pending[f.ClientMessageID]; ok && (f.Type == "warning") != isBad(content) {
		c.t.Errorf("%q was answered with %+v", content, f)
	}
	c.answers[f.ClientMessageID] = f
	delete(c.pending, f.ClientMessageID)
}

func isBad(content string) bool {
	return strings.Contains(content, judgetest.Scam) || strings.Contains(content, wicked)
}

// compare holds the answers against the log.
func (s *senders) compare() {
	s.t.Helper()
	const query = `
		SELECT m.type, m.position, m.payload->>'message_id', m.payload->>'client_message_id', m.body->>'content',
			coalesce(m.payload->>'policy_hash', ''), m.payload->>'risk_score',
			coalesce(j.type, '') = 'MessageJudged' AND j.payload->>'message_id' = m.payload->>'message_id'
		FROM events AS m
		LEFT JOIN events AS j ON j.position = m.position - 1
		WHERE m.type IN ('MessageSent', 'MessageBlocked')
		ORDER BY m.position`
	rows, err := s.db.QueryContext(s.t.Context(), query)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	seen := make(map[string]bool)
	blocked := 0
	for rows.Next() {
		var kind, message, id, content, policy string
		var position int64
		var risk float64
		var judged bool
		if err := rows.Scan(&kind, &position, &message, &id, &content, &policy, &risk, &judged); err != nil {
			s.t.Fatal(err)
		}
		if seen[id] {
			s.t.Errorf("%s is in the log twice", id)
		}
		seen[id] = true
		answer, ok := s.answers[id]
		if !ok || answer.MessageID != message || answer.Position != position || (answer.Type == "warning") != (kind == "MessageBlocked") {
			s.t.Errorf("the log has a %s %s at %d, answered with %+v", kind, id, position, answer)
		}
		if isBad(content) != (kind == "MessageBlocked") || policy == "" {
			s.t.Errorf("%q is a %s by policy %q", content, kind, policy)
		}
		if kind == "MessageSent" && judged != (risk > 0) {
			s.t.Errorf("%q has risk %v, and reasons before it: %t", content, risk, judged)
		}
		if kind == "MessageBlocked" {
			blocked++
		}
	}
	if err := rows.Err(); err != nil || len(seen) != len(s.answers) {
		s.t.Errorf("%d messages in the log, %d answers, %v", len(seen), len(s.answers), err)
	}
	s.t.Logf("%d messages, %d of them blocked", len(seen), blocked)
	if n := s.count("MessageJudged"); n == 0 || n >= len(seen)-blocked {
		s.t.Errorf("%d of %d messages that were sent have reasons", n, len(seen)-blocked)
	}
}
