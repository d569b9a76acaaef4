package main

import (
	"net/url"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"chainmail/migrations/pgtest"
)

// The links of --demo log in, each as one user and with the other to write to, and are the same users' at
// the next start.
func TestDemo(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	for range 2 {
		s := m.serve("--demo", "--listen", "127.0.0.1:0")
		s.line() // what to do with the links
		alice, bob := readLink(t, s, "Alice"), readLink(t, s, "Bob")
		exchange(t, s.connect(alice.Get("token")), s.connect(bob.Get("token")), bob.Get("with"), alice.Get("with"))
		if got := m.must("user", "list"); strings.Count(got, "\n") != 2 || !strings.Contains(got, alice.Get("with")) {
			t.Errorf("users: got\n%s\nwant Alice and Bob", got)
		}
		if status := s.stop(); status != 0 {
			t.Errorf("exit status: got %d, want 0", status)
		}
	}
}

// readLink returns what is in the fragment of a printed link.
func readLink(t testing.TB, s *served, name string) url.Values {
	t.Helper()
	line := s.line()
	_, fragment, found := strings.Cut(line, " http://"+s.address+"/#")
	values, err := url.ParseQuery(fragment)
	if err != nil || !found || !strings.Contains(line, name) {
		t.Fatalf("got %q, want a link for %s", line, name)
	}
	return values
}

// What the command line does to accounts, a running server knows at once: who is new can connect, who is
// deactivated is sent away.
func TestAccountsOfARunningServer(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	first := m.serve("--listen", "127.0.0.1:0")
	second := m.serve("--listen", "127.0.0.1:0")
	alice := m.must("user", "add", "Alice")
	token := m.must("token", alice)
	a, b := first.connect(token), second.connect(token)
	m.must("user", "deactivate", alice)
	for _, c := range []*socket{a, b, first.dial(token), second.dial(token)} {
		if code := c.awaitClose(); code != 1008 {
			t.Errorf("close code: got %d, want 1008", code)
		}
	}
}

// --admin-listen takes the metrics off the public address.
func TestAdminAddress(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	s := m.serve("--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	if status, body := s.get("/metrics"); status != 404 {
		t.Errorf("/metrics: got %d %.80s, want 404", status, body)
	}
	if status, _ := s.get("/debug/pprof/"); status != 404 {
		t.Errorf("/debug/pprof/: got %d, want 404", status)
	}
	if status, body := s.get("/healthz"); status != 200 {
		t.Errorf("/healthz: got %d %s, want 200", status, body)
	}
}

// A terminal that is closed, and Ctrl-C in it, end a server as SIGTERM does: its clients are told.
func TestEndings(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	token := m.must("token", m.must("user", "add", "Alice"))
	for _, asked := range []syscall.Signal{syscall.SIGINT, syscall.SIGHUP} {
		if signal.Ignored(asked) {
			continue // these tests run under nohup, and so would the server
		}
		s := m.serve("--listen", "127.0.0.1:0")
		alice := s.connect(token)
		if status := s.end(asked); status != 0 {
			t.Errorf("%s: exit status: got %d, want 0", asked, status)
		}
		if code := alice.awaitClose(); code != 1012 {
			t.Errorf("%s: close code: got %d, want 1012", asked, code)
		}
	}
}
