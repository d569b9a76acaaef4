package tracing_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/tracing"
	"chainmail/transport/tracing/tracingtest"
)

// lines is a log that can be read meanwhile.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(of string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), of)
}

// start runs a tracer, and returns what ends it. It ends with the test at the latest.
func start(t *testing.T, endpoint string, env map[string]string) (*tracing.Tracer, *lines, func()) {
	t.Helper()
	s, err := tracing.FromEnvironment(endpoint, func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	log := new(lines)
	tracer := tracing.New(s, slog.New(slog.NewTextHandler(log, nil)))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- tracer.Run(ctx) }()
	end := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return tracer, log, end
}

// events are n of one command: the start of something and what follows.
func events(n int) []domain.Event {
	all := make([]domain.Event, n)
	for i := range all {
		all[i] = domain.Event{Position: domain.Position(i + 7), ID: domain.ID(uuid.Must(uuid.NewV7())), Stream: "conversation-1", Type: domain.TypeParticipantAdded}
	}
	all[n-1].Type = domain.TypeMessageSent
	return all
}

// store does with a tracer what becomes of a command on its server.
func store(tr *tracing.Tracer, ctx context.Context, all []domain.Event) {
	c := tr.Begin(ctx)
	c.Judging()
	c.Judged()
	began := tr.Now()
	tr.Appended(eventstore.Appended{Events: all, Took: time.Millisecond})
	c.Tried(began, began, tr.Now())
	c.End(all)
	reach(tr, all)
}

// reach does what becomes of events on every server.
func reach(tr *tracing.Tracer, all []domain.Event) {
	tr.Read(eventstore.Followed{Events: all, Began: tr.Now(), From: eventstore.FromMemory})
	tr.Pushed(all, tr.Now())
}

// The spans of two servers are one trace: its id is the event's, and all are below the first.
func TestOneTraceOfTwoServers(t *testing.T) {
	t.Parallel()
	c := tracingtest.Start(t)
	one, _, end := start(t, c.URL, map[string]string{"OTEL_SERVICE_NAME": "chat"})
	other, _, endOther := start(t, c.URL, nil)
	all := events(3)
	store(one, t.Context(), all)
	reach(other, all)
	end() // sends what is queued
	endOther()
	sent := all[2]
	inTrace := named(c.Spans(), hexOf(sent))
	for name, want := range map[string]int{
		"MessageSent": 1, "guard": 1, "decide": 1, "append": 1, "commit": 1, "read": 2, "push": 2,
	} {
		if len(inTrace[name]) != want {
			t.Errorf("%s: got %d spans, want %d", name, len(inTrace[name]), want)
		}
		for _, s := range inTrace[name] {
			root := inTrace["MessageSent"][0]
			if isRoot := name == "MessageSent"; isRoot != (s.Parent == "") || !isRoot && s.Parent != root.SpanID {
				t.Errorf("%s has parent %q, and the first is %s", name, s.Parent, root.SpanID)
			}
			if s.Attributes["chainmail.position"] != "9" {
				t.Errorf("%s: attributes %v", name, s.Attributes)
			}
		}
	}
	if root := inTrace["MessageSent"][0]; root.Service != "chat" || root.Attributes["chainmail.events"] != "3" || len(root.Links) != 2 {
		t.Errorf("the first span is %+v", root)
	}
	if a, b := inTrace["push"][0], inTrace["push"][1]; a.Instance == b.Instance {
		t.Error("two servers are one")
	}
	for _, e := range all[:2] {
		if first := named(c.Spans(), hexOf(e))["ParticipantAdded"]; len(first) != 1 || !slices.Equal(first[0].Links, []string{hexOf(sent)}) {
			t.Errorf("another event of the command: %+v", first)
		}
	}
	batches := 0
	for _, s := range c.Spans() {
		if s.Name == "batch" {
			batches++
			if len(s.Links) != 3 || s.Attributes["chainmail.first_position"] != "7" || s.Attributes["chainmail.last_position"] != "9" {
				t.Errorf("the batch is %+v", s)
			}
		}
	}
	if batches != 1 {
		t.Errorf("%d batches", batches)
	}
}

// hexOf is the id of an event's trace.
func hexOf(e domain.Event) string { return strings.ReplaceAll(e.ID.String(), "-", "") }

// named are the spans of a trace by their names.
func named(all []tracingtest.Span, trace string) map[string][]tracingtest.Span {
	by := make(map[string][]tracingtest.Span)
	for _, s := range all {
		if s.TraceID == trace {
			by[s.Name] = append(by[s.Name], s)
		}
	}
	return by
}

// A request is in its caller's trace, and what it appends is linked, both ways.
func TestRequestInItsCallersTrace(t *testing.T) {
	t.Parallel()
	const callers = "4bf92f3577b34da6a3ce929d0e0e4736"
	for flags, sampled := range map[string]bool{"01": true, "00": false} {
		c := tracingtest.Start(t)
		tr, _, end := start(t, c.URL, nil)
		r := httptest.NewRequest(http.MethodPost, "/api/things?name=Ann", nil)
		r.Header.Set("traceparent", "00-"+callers+"-00f067aa0ba902b7-"+flags)
		r, request := tr.Request(r)
		all := events(1)
		store(tr, r.Context(), all)
		if got := request.TraceID(); (got == callers) != sampled {
			t.Errorf("flags %s: trace %q", flags, got)
		}
		request.End("r1", http.MethodPost, "/api/things", 503)
		end()
		of := named(c.Spans(), callers)["POST /api/things"]
		if (len(of) == 1) != sampled {
			t.Fatalf("flags %s: got %+v", flags, of)
		}
		if !sampled {
			continue
		}
		s := of[0]
		if s.Parent != "00f067aa0ba902b7" || !s.Failed || s.Kind != 2 || !slices.Equal(s.Links, []string{hexOf(all[0])}) || s.Attributes["http.route"] != "/api/things" {
			t.Errorf("got %+v", s)
		}
		if root := named(c.Spans(), hexOf(all[0]))["MessageSent"]; len(root) != 1 || !slices.Equal(root[0].Links, []string{callers}) {
			t.Errorf("the message's trace begins with %+v", root)
		}
	}
}

// A collector that is away costs spans and nothing else: one line when it goes, one when it is back.
func TestCollectorAway(t *testing.T) {
	t.Parallel()
	c := tracingtest.Start(t)
	c.Answer(http.StatusServiceUnavailable, "")
	tr, log, end := start(t, c.URL, nil)
	requests := func() int { n, _ := c.Requests(); return n }
	failed := int64(0)
	for i := 1; i <= 2; i++ {
		reach(tr, events(1))
		eventually(t, func() bool { return requests() == i && tr.Counters().Failed > failed })
		failed = tr.Counters().Failed
	}
	c.Answer(http.StatusOK, `{"partialSuccess":{"rejectedSpans":"1","errorMessage":"no"}}`)
	reach(tr, events(1))
	eventually(t, func() bool { return tr.Counters().Sent > 0 })
	end()
	if got := tr.Counters(); got != (tracing.Counters{Sent: 1, Failed: failed + 1}) {
		t.Errorf("counted %+v, after %d had failed", got, failed)
	}
	if log.count("does not take spans") != 1 || log.count("takes spans again") != 1 {
		t.Errorf("the log has %s", log.text.String())
	}
}

// A collector that takes connections and says nothing holds up neither those who make spans nor the end.
func TestCollectorSilent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	tr, _, end := start(t, "http://"+listener.Addr().String(), nil)
	all := events(1_000)
	for range 20 {
		reach(tr, all)
	}
	if got := tr.Counters(); got.Dropped == 0 || tr.Queued() > tracing.MaxQueued {
		t.Errorf("counted %+v, and %d wait", got, tr.Queued())
	}
	end()
	if got := tr.Counters(); got.Sent != 0 || got.Failed == 0 {
		t.Errorf("counted %+v", got)
	}
}

// Headers go with each request, decoded.
func TestHeaders(t *testing.T) {
	t.Parallel()
	c := tracingtest.Start(t)
	tr, _, end := start(t, c.URL, map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20s3cret, x-tenant=a"})
	reach(tr, events(1))
	end()
	_, headers := c.Requests()
	if len(headers) != 1 || headers[0].Get("Authorization") != "Bearer s3cret" || headers[0].Get("X-Tenant") != "a" {
		t.Errorf("got %v", headers)
	}
}

// Off is nothing: no tracer, no allocation.
func TestOff(t *testing.T) { // alone: others would allocate meanwhile
	s, err := tracing.FromEnvironment("", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	tr := tracing.New(s, slog.New(slog.DiscardHandler))
	if tr != nil {
		t.Fatal("it is on")
	}
	r, all := httptest.NewRequest(http.MethodGet, "/", nil), events(2)
	if n := testing.AllocsPerRun(100, func() {
		store(tr, t.Context(), all)
		_, request := tr.Request(r)
		request.End(request.TraceID(), "", "", 200)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
	if tr.Counters() != (tracing.Counters{}) {
		t.Error("it counts")
	}
}

// The log's own events are nobody's act and have no trace.
func TestSealsAreNotTraced(t *testing.T) {
	t.Parallel()
	c := tracingtest.Start(t)
	tr, _, end := start(t, c.URL, nil)
	all := events(1)
	all[0].Type = domain.TypeMerkleBatchSealed
	store(tr, t.Context(), all)
	end()
	if got := c.Spans(); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}
