package main

import (
	"net/http"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/tracing/tracingtest"
)

// One message to somebody on another server is one trace, of the spans of both servers.
func TestTraceAcrossServers(t *testing.T) {
	t.Parallel()
	c := tracingtest.Start(t)
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	m.env = append(m.env, "OTEL_EXPORTER_OTLP_ENDPOINT="+strings.TrimSuffix(c.URL, "/v1/traces"),
		"OTEL_EXPORTER_OTLP_HEADERS=authorization=s3cret", "CHAINMAIL_LOG_LEVEL=info")
	alice, bob := m.must("user", "add", "Xaverine"), m.must("user", "add", "Bob")
	tokenA, tokenB := m.must("token", alice), m.must("token", bob)
	one, other := m.serve("--listen", "127.0.0.1:0"), m.serve("--listen", "127.0.0.1:0")
	a, b := one.connect(tokenA), other.connect(tokenB)
	const words = "zanzibar in the morning"
	a.say(bob, "1", words)
	a.await("message_sent")
	got := b.await("chat_message")
	const callers = "4bf92f3577b34da6a3ce929d0e0e4736"
	postTraced(t, one, tokenA, got.ConversationID, `{"content":"`+words+`"}`, "00-"+callers+"-00f067aa0ba902b7-01")
	b.await("chat_message")
	for _, s := range []*served{one, other} {
		if status := s.stop(); status != 0 {
			t.Errorf("exit status: got %d", status)
		}
	}
	checkMessageTrace(t, c.Spans(), db)
	checkRequestTrace(t, c.Spans(), callers)
	if !strings.Contains(one.said(), "trace_id="+callers) {
		t.Error("the line of the request does not name its trace")
	}
	for _, s := range c.Spans() {
		for name, value := range s.Attributes {
			for _, secret := range []string{words, "Xaverine", tokenA, "127.0.0.1", "s3cret"} {
				if strings.Contains(value, secret) {
					t.Errorf("%s: the attribute %s is %q", s.Name, name, value)
				}
			}
		}
	}
}

// checkMessageTrace looks at the trace of the first message: the first span and its children on the server that took it, and on both
// what became of it there.
func checkMessageTrace(t *testing.T, spans []tracingtest.Span, db *pgtest.DB) {
	t.Helper()
	var id domain.ID
	const query = `SELECT event_id FROM events WHERE type = 'MessageSent' ORDER BY position LIMIT 1`
	if err := db.SQL.QueryRowContext(t.Context(), query).Scan(&id); err != nil {
		t.Fatal(err)
	}
	trace := strings.ReplaceAll(id.String(), "-", "")
	servers := make(map[string]map[string]int) // by name of the span
	var root tracingtest.Span
	for _, s := range spans {
		if s.TraceID != trace {
			continue
		}
		if servers[s.Name] == nil {
			servers[s.Name] = make(map[string]int)
		}
		servers[s.Name][s.Instance]++
		if s.Parent == "" {
			root = s
		}
	}
	if root.Name != "MessageSent" || root.SpanID != trace[16:] {
		t.Fatalf("the trace begins with %+v", root)
	}
	for _, s := range spans {
		if s.TraceID == trace && s.Parent != "" && s.Parent != root.SpanID {
			t.Errorf("%s has parent %s", s.Name, s.Parent)
		}
	}
	for name, want := range map[string]int{
		"MessageSent": 1, "guard": 1, "decide": 1, "append": 1, "commit": 1, "read": 2, "push": 2,
	} {
		on := servers[name]
		if len(on) != want || want == 1 && on[root.Instance] != 1 {
			t.Errorf("%s: got spans of %d servers, want %d: %v", name, len(on), want, on)
		}
	}
}

// checkRequestTrace looks for the span of the request in its caller's trace, and for the link to the message's.
func checkRequestTrace(t *testing.T, spans []tracingtest.Span, callers string) {
	t.Helper()
	for _, s := range spans {
		if s.TraceID == callers {
			if s.Name != "POST /api/conversations/{id}/messages" || s.Parent != "00f067aa0ba902b7" || len(s.Links) != 1 {
				t.Errorf("the request is %+v", s)
			}
			return
		}
	}
	t.Error("the request is not in its caller's trace")
}

// postTraced sends a message over HTTP, in a caller's trace.
func postTraced(t *testing.T, s *served, token, conversation, body, traceparent string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://"+s.address+"/api/conversations/"+conversation+"/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("traceparent", traceparent)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("sent: got %s", response.Status)
	}
}

// A collector that is not there costs spans alone, and what is wrong with an address ends the server before it starts.
func TestTracesWithoutACollector(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	alice, bob := m.must("user", "add", "Alice"), m.must("user", "add", "Bob")
	s := m.serve("--listen", "127.0.0.1:0", "--trace-endpoint", "http://127.0.0.1:1/v1/traces")
	a, b := s.connect(m.must("token", alice)), s.connect(m.must("token", bob))
	exchange(t, a, b, alice, bob)
	eventually(t, "spans are counted", func() bool { return s.metric(`chainmail_trace_spans_total{outcome="failed"}`) > 0 })
	s.awaitReady(200, `"status":"ready"`)
	if status := s.stop(); status != 0 {
		t.Errorf("exit status: got %d", status)
	}
	if n := strings.Count(s.said(), "the collector of traces"); n != 1 {
		t.Errorf("told %d times of the collector", n)
	}
	if _, stderr, status := m.run("serve", "--listen", "127.0.0.1:0", "--trace-endpoint", "collector:4317"); status != 2 || !strings.Contains(stderr, "traces") {
		t.Errorf("a bad address: got %d %s", status, stderr)
	}
}
