package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/guard/llm"
	"chainmail/transport/fanout/redistest"
	"chainmail/transport/judge/judgetest"
	"chainmail/transport/wallet/wallettest"
)

// watched is a server that has done a little of everything, what it tells of it, and what it must not tell.
type watched struct {
	metrics exposition
	text    string            // of the metrics
	log     []map[string]any  // the lines of its log
	raw     string            // the same as they are
	people  []string          // ids of users
	secrets map[string]string // what was said, and what lets people in, by what it is
}

// Of a server that has done a little of everything: what the dashboard and the alerts ask for is there, all that is there is
// documented, and neither metrics nor log tell what people say, or have what lets somebody in.
func TestObservability(t *testing.T) {
	t.Parallel()
	w := watch(t)
	t.Run("dashboard", func(t *testing.T) { w.checkDashboard(t) })
	t.Run("alerts", func(t *testing.T) { w.checkAlerts(t) })
	t.Run("documentation", func(t *testing.T) { w.checkDocumentation(t) })
	t.Run("counts", func(t *testing.T) { w.checkCounts(t) })
	t.Run("secrets", func(t *testing.T) { w.checkSecrets(t) })
	t.Run("lines", func(t *testing.T) { w.checkLines(t) })
}

// watch runs a server whose log says all that it can, and lets people do what they do.
func watch(t *testing.T) *watched {
	t.Helper()
	model := judgetest.Start(t, func(judgetest.Question) judgetest.Answer { return judgetest.Says(llm.Benign, 0) })
	g := newGuarded(t, "CHAINMAIL_GUARD_LLM_KEY="+judgetest.Key, "CHAINMAIL_LOG_LEVEL=debug", "CHAINMAIL_LOG_FORMAT=json",
		"CHAINMAIL_REDIS_URL="+redistest.Start(t).URL)
	s := g.serve("--listen", "127.0.0.1:0", "--rate-limit", "6", "--batch-interval", "100ms", "--guard-policy", g.policy,
		"--guard-llm-url", model.URL, "--guard-llm-model", judgetest.Name)
	w := &watched{secrets: map[string]string{
		"a message": "the words of a message", "a doubtful message": "an uncertain thing: a " + judgetest.Doubtful,
		"a blocked message": "a blocked thing: " + judgetest.Scam, "a title": "the title of a group", "a name that is looked for": "Xaverius",
		"the model's key": judgetest.Key, "the key of tokens": testSecret,
	}}
	w.logIn(s)
	ann, bob := g.must("token", g.ann), g.must("token", g.bob)
	w.people = append(w.people, g.ann, g.bob)
	w.secrets["an access token"] = ann
	w.chat(s, g, ann, bob)
	w.ask(s, g, ann)
	eventually(t, "what was said is sealed", func() bool { return s.metric("chainmail_sealed_position") >= 5 })
	eventually(t, "all connections have ended", func() bool { return s.metric("chainmail_connections") == 0 })
	_, w.text = s.get("/metrics")
	w.metrics = parseExposition(t, w.text)
	if status := s.stop(); status != 0 {
		t.Errorf("exit status: got %d", status)
	}
	w.raw = s.said()
	for line := range strings.Lines(w.raw) {
		fields := make(map[string]any)
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("the log has a line that is no JSON: %s", line)
		}
		w.log = append(w.log, fields)
	}
	return w
}

// logIn logs somebody in, who goes on and out.
func (w *watched) logIn(s *served) {
	wallet := wallettest.Of("ann")
	in, signed := s.enter(wallet)
	s.post("login", map[string]string{"message": signed, "signature": wallet.Sign(signed)}, 401) // its nonce is used
	next := s.post("refresh", map[string]string{"refresh_token": in.Refresh}, 200)
	refresh, _ := next["refresh_token"].(string)
	s.post("logout", map[string]string{"refresh_token": refresh}, 204)
	w.people = append(w.people, in.User.ID)
	w.secrets["a refresh token"], w.secrets["the refresh token after it"] = in.Refresh, refresh
	w.secrets["a signature"] = wallet.Sign(signed)
	w.secrets["a wallet's address"] = wallet.Address().Lower()
}

// chat lets two people write to each other until it is too much, and makes the mistakes that clients make.
func (w *watched) chat(s *served, g *guarded, ann, bob string) {
	t := s.t
	a, b := s.connect(ann), s.connect(bob)
	a.say(g.bob, "1", w.secrets["a message"])
	a.await("message_sent")
	message := b.await("chat_message")
	b.send(map[string]any{"type": "read", "message_ids": []string{message.MessageID}})
	a.await("message_status")
	b.send(map[string]any{"type": "typing", "receiver_id": g.ann})
	a.await("typing_indicator")
	a.say(g.bob, "2", w.secrets["a doubtful message"])
	a.await("message_sent")
	a.say(g.bob, "3", w.secrets["a blocked message"])
	a.await("warning")
	a.send(map[string]any{"type": "sync", "since": 0})
	a.await("synced")
	for _, f := range []string{`{"type":"chat_message"`, `{"type":"nonsense"}`, `{"type":"chat_message","text":"` + w.secrets["a message"] + `"}`} {
		if err := a.conn.WriteMessage(websocket.TextMessage, []byte(f)); err != nil {
			t.Fatal(err)
		}
		a.awaitError()
	}
	a.say(g.bob, "1", w.secrets["a message"]) // a repeat
	a.await("message_sent")
	for i := range 10 {
		a.say(g.bob, fmt.Sprintf("another %d", i), w.secrets["a message"])
	}
	if code := a.awaitError(); code != "rate_limited" {
		t.Errorf("too many messages: got %s", code)
	}
	for _, c := range []*socket{a, b} {
		if err := c.conn.Close(); err != nil {
			t.Error(err)
		}
	}
	refused, err := dial(s.address, "nonsense", "?token="+ann[:len(ann)-2])
	if err != nil {
		t.Fatal(err)
	}
	if code := (&socket{t, refused}).awaitClose(); code != 1008 {
		t.Errorf("closed with %d, want 1008", code)
	}
	_ = refused.Close() // the server has closed it
}

// awaitError returns the code of the next error.
func (c *socket) awaitError() string {
	c.t.Helper()
	c.limit()
	for {
		f, err := readFrame(c.conn)
		if err != nil {
			c.t.Fatalf("waiting for an error: %v", err)
		}
		if f.Type == "error" {
			return f.Code
		}
	}
}

// ask sends requests that succeed and requests that do not.
func (w *watched) ask(s *served, g *guarded, ann string) {
	s.call(ann, "POST", "/api/conversations", fmt.Sprintf(`{"participant_ids":[%q],"title":%q}`, g.bob, w.secrets["a title"]), 201)
	s.call(ann, "GET", "/api/users?query="+w.secrets["a name that is looked for"], "", 200)
	s.call(ann, "GET", "/api/conversations?token="+ann, "", 200)
	s.call("nonsense", "GET", "/api/me", "", 401)
	s.call(ann, "BREW", "/api/me", "", 405)
	if status, _ := s.get("/api/nothing/" + ann); status != 404 {
		s.t.Errorf("a path that is none: got %d", status)
	}
	s.awaitReady(200, "")
	w.giveUp(s, ann)
}

// giveUp waits for a position that nobody has reached, and leaves once it has asked. The server counts that as a failure.
func (w *watched) giveUp(s *served, token string) {
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	asked := func(httptrace.WroteRequestInfo) { time.AfterFunc(100*time.Millisecond, cancel) }
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: asked})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/api/me", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Chainmail-Min-Position", "1000000")
	if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
		s.t.Errorf("a position that nobody has reached: got %s", response.Status)
		_ = response.Body.Close() // it is not read
	}
	eventually(s.t, "the server notes that it was given up", func() bool {
		return s.metric(`chainmail_http_requests_total{method="GET",route="/api/me",status="503"}`) == 1
	})
}
