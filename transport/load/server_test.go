package load

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// serve answers every request alike.
func serve(t *testing.T, status int, body string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the test sees what came
	}))
	t.Cleanup(s.Close)
	return s
}

func TestScrape(t *testing.T) {
	t.Parallel()
	good := serve(t, http.StatusOK, "process_cpu_seconds_total 2\nprocess_resident_memory_bytes 4096\n")
	got, err := scrape(t.Context(), good.Client(), good.URL)
	if want := (usage{2 * time.Second, 4096}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	missing := serve(t, http.StatusNotFound, "")
	if _, err := scrape(t.Context(), missing.Client(), missing.URL); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got %v", err)
	}
}

// What can't be told is noted, once, and absent.
func TestMeterWithoutProcess(t *testing.T) {
	t.Parallel()
	missing := serve(t, http.StatusNotFound, "")
	b := &bench{report: new(Report)}
	c := Config{URLs: []string{"http://192.0.2.1:80"}, MetricsURLs: []string{missing.URL}}
	m := newMeter(t.Context(), c, missing.Client(), b.note)
	got := m.read(t.Context())
	if got.server != nil || got.postgres != nil || got.wal != nil || got.writes != nil || m.server(t.Context()) != nil {
		t.Errorf("got %+v", got)
	}
	if len(b.report.Notes) != 2 || !strings.Contains(b.report.Notes[0], "192.0.2.1 is not this machine") {
		t.Errorf("got notes %q", b.report.Notes)
	}
	m.note("the same")
	m.note("the same")
	if len(b.report.Notes) != 3 {
		t.Errorf("got notes %q", b.report.Notes)
	}
}

// A server whose process can't be found still tells of itself.
func TestMeterFromMetrics(t *testing.T) {
	t.Parallel()
	good := serve(t, http.StatusOK, "process_cpu_seconds_total 2\nprocess_resident_memory_bytes 4096\n")
	b := &bench{report: new(Report)}
	c := Config{URLs: []string{"http://192.0.2.1:80"}, MetricsURLs: []string{good.URL}}
	m := newMeter(t.Context(), c, good.Client(), b.note)
	if got := m.read(t.Context()); got.server == nil || *got.server != 2*time.Second {
		t.Errorf("got %+v, notes %q", got, b.report.Notes)
	}
	good.Close()
	if got := m.read(t.Context()); got.server != nil {
		t.Errorf("the server is gone, but got %+v", got)
	}
}

// Several servers are one sum, of which nothing is told when one of them can't be asked.
func TestMeterOfSeveralServers(t *testing.T) {
	t.Parallel()
	one := serve(t, http.StatusOK, "process_cpu_seconds_total 2\nprocess_resident_memory_bytes 4096\n")
	two := serve(t, http.StatusOK, "process_cpu_seconds_total 3\nprocess_resident_memory_bytes 100\n")
	c := Config{
		URLs:        []string{"http://192.0.2.1:80", "http://192.0.2.2:80"},
		MetricsURLs: []string{one.URL, two.URL},
	}
	b := &bench{report: new(Report)}
	m := newMeter(t.Context(), c, one.Client(), b.note)
	if got, want := m.server(t.Context()), (usage{5 * time.Second, 4196}); got == nil || *got != want {
		t.Errorf("got %+v, want %+v; notes %q", got, want, b.report.Notes)
	}
	two.Close()
	if got := m.server(t.Context()); got != nil {
		t.Errorf("one of two is gone, but got %+v", got)
	}
	if m := newMeter(t.Context(), c, one.Client(), b.note); m.servers != nil {
		t.Error("half of the servers pass for all")
	}
}

// A process with two addresses counts once.
func TestMeterOfOneProcess(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc")
	}
	one, two := serve(t, http.StatusOK, ""), serve(t, http.StatusOK, "")
	b := &bench{report: new(Report)}
	m := newMeter(t.Context(), Config{URLs: []string{one.URL, two.URL}}, one.Client(), b.note)
	if len(m.servers) != 1 {
		t.Errorf("it counts %d times, notes %q", len(m.servers), b.report.Notes)
	}
}

func TestListenerFindsThisProcess(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc")
	}
	s := serve(t, http.StatusOK, "")
	pid, err := listener(s.URL)
	if err != nil || pid != os.Getpid() {
		t.Fatalf("got process %d, %v, want %d", pid, err, os.Getpid())
	}
	got, err := processUsage(pid)
	if err != nil || got.resident < 1<<20 {
		t.Errorf("got %+v, %v", got, err)
	}
	pids, err := processes()
	if err != nil || !slices.Contains(pids, pid) {
		t.Errorf("this process is not among %d, %v", len(pids), err)
	}
}

func TestStartGroup(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   string // the group's id, or what the error says
	}{
		"started": {http.StatusCreated, `{"id":"a-group","title":"Bench"}`, "a-group"},
		"limited": {http.StatusTooManyRequests, "", "--rate-limit 0"},
		"refused": {http.StatusForbidden, `{"code":"forbidden"}`, "forbidden"},
		"no JSON": {http.StatusOK, "<html>", "read the answer"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.status, test.body)
			b := &bench{config: Config{URLs: []string{s.URL + "/", "http://192.0.2.1:80"}}, http: s.Client()}
			id, err := b.startGroup(t.Context(), []Account{{ID: AccountID(0)}, {ID: AccountID(1)}, {ID: AccountID(2)}})
			if err == nil && id != test.want || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, %v, want %q", id, err, test.want)
			}
			if errors.Is(err, ErrRateLimited) != (name == "limited") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Where this process may not have enough files, fewer connections are made, and a note says so.
func TestFileLimit(t *testing.T) {
	t.Parallel()
	least := raiseFileLimit(1)
	if least < 1 {
		t.Errorf("got a limit of %d", least)
	}
	if again := raiseFileLimit(least); again < least {
		t.Errorf("a limit of %d became %d", least, again)
	}
}
