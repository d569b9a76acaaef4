package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gorilla/websocket"

	"chainmail/migrations/pgtest"
)

// serveSome starts servers of one log and returns when each hears the others.
func serveSome(m *machine, n int, args ...string) []*served {
	m.t.Helper()
	var servers []*served
	for range n {
		servers = append(servers, m.serve(append([]string{"--listen", "127.0.0.1:0"}, args...)...))
	}
	for _, s := range servers {
		eventually(m.t, "it hears the others", func() bool { return s.metric("chainmail_servers_heard") == float64(n-1) })
	}
	return servers
}

// members makes users, and returns their ids and tokens.
func (m *machine) members(names ...string) (ids, tokens []string) {
	m.t.Helper()
	for _, name := range names {
		ids = append(ids, m.must("user", "add", name))
		tokens = append(tokens, m.must("token", ids[len(ids)-1]))
	}
	return ids, tokens
}

// Who types and who is online is told across servers; whoever goes from one to another makes no noise, and who is on one that ends or
// is killed is offline after a while.
func TestServersTellOneAnother(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	ids, tokens := m.members("Bob", "Ann", "Cat", "Dan")
	bob, ann, cat, dan := ids[0], ids[1], ids[2], ids[3]
	servers := serveSome(m, 3)
	home, other, third := servers[0], servers[1], servers[2]
	for _, id := range []string{ann, cat, dan} {
		home.call(tokens[0], "POST", "/api/conversations", `{"participant_ids":["`+id+`"]}`, 201)
	}
	b := home.connect(tokens[0])
	presence := func(id string, online bool) {
		t.Helper()
		if f := b.await("presence"); f.UserID != id || f.Online != online {
			t.Fatalf("got %+v, want %s online: %v", f, id, online)
		}
	}
	a := other.connect(tokens[1])
	presence(ann, true)
	other.connect(tokens[2])
	presence(cat, true)
	third.connect(tokens[3])
	presence(dan, true)

	a.send(map[string]any{"type": "typing", "receiver_id": bob})
	if f := b.await("typing_indicator"); f.SenderID != ann || !f.IsTyping {
		t.Errorf("got %+v, want Ann typing", f)
	}
	home.connect(tokens[1]) // she moves here
	if err := a.conn.Close(); err != nil {
		t.Fatal(err)
	}
	if f := b.await("typing_indicator"); f.SenderID != ann || f.IsTyping {
		t.Errorf("got %+v, want Ann no longer typing", f)
	}
	if status := third.stop(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
	other.kill()
	online := func(id string) bool { return home.call(tokens[0], "GET", "/api/users/"+id, "", 200)["online"].(bool) }
	if !online(cat) {
		t.Error("the users of a killed server are offline at once")
	}
	presence(dan, false) // that one has said that it ends: 5 s
	presence(cat, false) // that one was not heard for 8 s, and 5 s more
	if online(cat) || !online(ann) {
		t.Errorf("online at the end: Cat %v, Ann %v, want Ann alone", online(cat), online(ann))
	}
	b.send(map[string]any{"type": "ping"})
	b.limit()
	for f, err := readFrame(b.conn); f.Type != "pong"; f, err = readFrame(b.conn) {
		if err != nil || f.Type == "presence" {
			t.Fatalf("got %+v, %v, want nothing of Ann, who has moved", f, err)
		}
	}
}

// What one does at any server counts towards his limits at all. What is let through while a word is underway goes beyond.
func TestLimitsAcrossServers(t *testing.T) {
	t.Parallel()
	const limit, slack = 100, 75 // 2 to 6 are usual, a busy machine is late; each by itself would let 100 more through
	m := onDatabase(t, pgtest.New(t).DSN)
	ids, tokens := m.members("Ann", "Bob")
	servers := serveSome(m, 2, "--rate-limit", fmt.Sprint(limit))
	sockets := []*socket{servers[0].connect(tokens[0]), servers[1].connect(tokens[0])}

	passed := untilRefused(t, func(i int) bool {
		c := sockets[i%2]
		c.say(ids[1], fmt.Sprint(i), "hello")
		c.limit()
		for {
			switch f, err := readFrame(c.conn); {
			case err != nil:
				t.Fatal(err)
			case f.Type == "message_sent":
				return true
			case f.Code == "rate_limited":
				return false
			case f.Type == "error":
				t.Fatalf("got %+v", f)
			}
		}
	})
	t.Logf("messages: %d of %d", passed, limit)
	if passed < limit || passed > limit+slack {
		t.Errorf("messages: %d passed, want %d and at most %d more", passed, limit, slack)
	}
	talk := servers[0].call(tokens[0], "POST", "/api/conversations", `{"participant_ids":["`+ids[1]+`"]}`, 200)["id"].(string)
	if status, body := servers[1].ask(tokens[0], "POST", "/api/conversations/"+talk+"/messages", `{"content":"x"}`, ""); status != 429 {
		t.Errorf("over HTTP: got %d %s, want 429", status, body)
	}

	const nonces, nonceSlack = 60, 45
	passed = untilRefused(t, func(i int) bool {
		status, _ := servers[i%2].ask("", "POST", "/api/auth/nonce", `{"address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}`, "")
		return status == 200
	})
	t.Logf("nonces: %d of %d", passed, nonces)
	if passed < nonces || passed > nonces+nonceSlack {
		t.Errorf("nonces: %d passed, want %d and at most %d more", passed, nonces, nonceSlack)
	}
}

// untilRefused does something at two servers in turn until both refuse, and returns how often it was done.
func untilRefused(t *testing.T, try func(i int) bool) (passed int) {
	t.Helper()
	last := []bool{true, true}
	for i := 0; slices.Contains(last, true); i++ {
		if i > 1_000 {
			t.Fatal("nothing is refused")
		}
		if last[i%2] = try(i); last[i%2] {
			passed++
		}
	}
	return passed
}

// A user has 20 connections at all servers together.
func TestConnectionsAcrossServers(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	_, tokens := m.members("Ann")
	servers := serveSome(m, 2)
	for i := range 20 {
		servers[i%2].connect(tokens[0])
	}
	for _, s := range servers {
		eventually(t, "one more is refused", func() bool { // the last word may be underway
			c := s.dial(tokens[0])
			c.limit()
			_, err := readFrame(c.conn)
			_ = c.conn.Close()
			return websocket.IsCloseError(err, websocket.ClosePolicyViolation)
		})
	}
}
