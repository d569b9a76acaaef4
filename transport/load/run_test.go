package load_test

import (
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/transport/load"
)

func config(s *stub, scenarios ...string) load.Config {
	return load.Config{
		URLs: []string{s.URL}, Accounts: accounts(20), Scenarios: scenarios, Pairs: 5, Window: 4, Size: 100,
		Duration: 200 * time.Millisecond, Rate: 200, Members: 20, FanoutRate: 50, Connections: 20, Settle: 20 * time.Millisecond,
	}
}

func TestSends(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	report, err := load.Run(t.Context(), config(s, load.Sends))
	if err != nil {
		t.Fatal(err)
	}
	got := report.Sends
	if got.Messages < 20 || got.Rate <= 0 || got.Seconds < 0.2 {
		t.Errorf("got %+v", got)
	}
	if seen := s.seen("chat_message"); int64(seen) <= got.Messages {
		t.Errorf("%d messages came, %d were counted: those of the warm-up don't count", seen, got.Messages)
	}
	if s.seen("delivered") > 0 || s.seen("read") > 0 {
		t.Error("there were receipts")
	}
	if report.Receipts != nil || report.Idle != nil {
		t.Error("other scenarios ran")
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	report, err := load.Run(t.Context(), config(s, load.Receipts))
	if err != nil {
		t.Fatal(err)
	}
	messages := s.seen("chat_message")
	if s.seen("delivered") != messages || s.seen("read") != messages || report.Receipts.Messages < 20 {
		t.Errorf("%d messages, %d delivered, %d read; report %+v", messages, s.seen("delivered"), s.seen("read"), report.Receipts)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	report, err := load.Run(t.Context(), config(s, load.Latency))
	if err != nil {
		t.Fatal(err)
	}
	got := report.Latency
	if got.Messages != 40 || got.Delivery.P50 <= 0 || got.Delivery.Max < got.Delivery.P50 {
		t.Errorf("got %+v, want 0.2 s at 200/s", got)
	}
}

// A server that stops for a while is charged for all the messages that should have left meanwhile.
func TestLatencyOmitsNothing(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	var n atomic.Int64
	const stop = 300 * time.Millisecond
	s.reject = func(f inbound) string {
		// One sender, so that the socket is a queue; 200 messages are the warm-up.
		if f.Type == "chat_message" && n.Add(1) == 220 {
			time.Sleep(stop)
		}
		return ""
	}
	c := config(s, load.Latency)
	c.Pairs, c.Duration = 1, 500*time.Millisecond
	report, err := load.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := report.Latency.Delivery
	// 60 of 100 messages were due during the stop: the median one waited for a sixth of it at least.
	if got.Max < 290 || got.P50 < 50 {
		t.Errorf("got %+v after a stop of %s", got, stop)
	}
}

func TestFanout(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	report, err := load.Run(t.Context(), config(s, load.Fanout))
	if err != nil {
		t.Fatal(err)
	}
	got := report.Fanout
	if got.Messages != 10 || got.Deliveries != 10*19 || got.Last.P99 <= 0 {
		t.Errorf("got %+v, want 0.2 s at 50/s to 20 members", got)
	}
}

// The two of a pair are at different servers, each server has its share, and what is sent is counted as with one.
func TestSeveralServers(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	c := config(s, load.Sends, load.Latency, load.Fanout)
	c.URLs = append(c.URLs, s.another(t), s.another(t))
	c.Pairs = 6
	report, err := load.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if report.Sends.Messages < 24 || report.Latency.Messages != 40 || report.Fanout.Deliveries != 10*19 {
		t.Errorf("got %+v, %+v, %+v", report.Sends, report.Latency, report.Fanout)
	}
	if report.URL != strings.Join(c.URLs, ",") {
		t.Errorf("got url %q", report.URL)
	}
	members, senders := make(map[string]int), make(map[string]int)
	for n, account := range c.Accounts {
		host := s.host(account)
		members[host]++
		if n < 2*c.Pairs && n%2 == 0 {
			senders[host]++
			if host == s.host(c.Accounts[n+1]) {
				t.Errorf("pair %d is at one server", n/2)
			}
		}
	}
	for _, url := range c.URLs {
		host := strings.TrimPrefix(url, "http://")
		if senders[host] != 2 || members[host] < 6 {
			t.Errorf("of 6 senders %d are at %s, of 20 accounts %d", senders[host], host, members[host])
		}
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	report, err := load.Run(t.Context(), config(s, load.Idle))
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Idle; got.Connections != 20 || got.ConnectsPerSecond <= 0 {
		t.Errorf("got %+v", got)
	}
	for _, query := range s.since[1:] { // the first asks for the head
		if query != "log_id=a-log&since=41" {
			t.Fatalf("a connection went on from %q, want from the head", query)
		}
	}
}

// The generator runs in the server's process here, so the figures of both must be the same. Tests beside it
// would come between the two looks.
func TestCostOfThisProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc")
	}
	s := startStub(t)
	report, err := load.Run(t.Context(), config(s, load.Idle, load.Sends))
	if err != nil {
		t.Fatal(err)
	}
	got := report.Sends.Cost
	if report.Idle.KiBPerConnection == nil || got.Server == nil || got.Share <= 0 {
		t.Fatalf("got %+v, %+v", report.Idle, got)
	}
	if difference := (*got.Server - got.Generator) * float64(report.Sends.Messages) / 1000; math.Abs(difference) > 0.1 {
		t.Errorf("server %.3f, generator %.3f: %.3f s apart, but they are one process", *got.Server, got.Generator, difference)
	}
	if got.Postgres != nil || got.WALBytes != nil || !strings.Contains(strings.Join(report.Notes, "\n"), "database can't be reached") {
		t.Errorf("no database, but %+v, %q", got, report.Notes)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	answer := func(frame string) func(inbound) string { return func(inbound) string { return frame } }
	tests := map[string]struct {
		reject func(inbound) string
		want   string
	}{
		"limited":   {answer(`{"type":"error","code":"rate_limited","message":"slow down","retry_after":1.5}`), "--rate-limit 0"},
		"refused":   {answer(`{"type":"error","code":"unavailable","message":"try again"}`), "unavailable: try again"},
		"blocked":   {answer(`{"type":"warning","code":"message_blocked","message":"looks bad","risk_score":0.9,"reasons":["rude"]}`), `looks bad (risk 0.90, ["rude"])`},
		"no object": {answer(`{"type":"error","code":[]}`), "frame"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startStub(t)
			s.reject = test.reject
			for _, scenario := range []string{load.Sends, load.Latency, load.Fanout} {
				_, err := load.Run(t.Context(), config(s, scenario))
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: got %v, want %q", scenario, err, test.want)
				}
				if limited := test.want == "--rate-limit 0"; errors.Is(err, load.ErrRateLimited) != limited {
					t.Errorf("%s: %v is ErrRateLimited: %t", scenario, err, !limited)
				}
			}
		})
	}
}

func TestServerCloses(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	s.reject = func(inbound) string {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, c := range s.sockets {
			_ = c.ws.Close()
		}
		return ""
	}
	_, err := load.Run(t.Context(), config(s, load.Sends))
	if err == nil || !strings.Contains(err.Error(), "the connection broke") {
		t.Errorf("got %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	s.Close()
	report, err := load.Run(t.Context(), config(s, load.Sends))
	if err == nil || report.Sends != nil {
		t.Errorf("got %v, %+v", err, report.Sends)
	}
}

// While pushes are missing the run waits; its end comes at once, and with its cause.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, scenario := range load.Scenarios() {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			s := startStub(t)
			s.silent = true
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("enough")
			c := config(s, scenario)
			c.Settle, c.Duration = time.Hour, time.Hour
			c.Progress = func(p load.Progress) {
				if p.Stage == "warming up" || p.Stage == "settling" {
					cancel(why)
				}
			}
			start := time.Now()
			if _, err := load.Run(ctx, c); !errors.Is(err, why) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("it took %s to end", took)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	c := config(s, load.Idle, load.Sends)
	var seen []string
	c.Progress = func(p load.Progress) {
		if p.Fraction < 0 || p.Fraction > 1 {
			t.Errorf("got %+v", p)
		}
		if name := p.Scenario + " " + p.Stage; len(seen) == 0 || seen[len(seen)-1] != name {
			seen = append(seen, name)
		}
	}
	if _, err := load.Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(seen, ", ")
	if !strings.Contains(got, "idle settling") || !strings.Contains(got, "sends warming up, ") || !strings.Contains(got, "sends sending") {
		t.Errorf("got %s", got)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := startStub(t)
	tests := map[string]func(*load.Config){
		"url":      func(c *load.Config) { c.URLs = []string{s.URL, "localhost:8080"} },
		"no url":   func(c *load.Config) { c.URLs = nil },
		"metrics":  func(c *load.Config) { c.MetricsURLs = []string{s.URL, s.URL} },
		"scenario": func(c *load.Config) { c.Scenarios = []string{"nothing"} },
		"none":     func(c *load.Config) { c.Scenarios = nil },
		"size":     func(c *load.Config) { c.Size = 5 },
		"huge":     func(c *load.Config) { c.Size = 20_000 },
		"members":  func(c *load.Config) { c.Members = 1001 },
		"pairs":    func(c *load.Config) { c.Pairs = 0 },
		"duration": func(c *load.Config) { c.Duration = 0 },
		"accounts": func(c *load.Config) { c.Accounts = c.Accounts[:9] },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(s, load.Sends)
			change(&c)
			if _, err := load.Run(t.Context(), c); err == nil {
				t.Error("no error")
			}
		})
	}
}
