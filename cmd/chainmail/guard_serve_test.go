package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
	"chainmail/transport/judge/judgetest"
)

// guarded is a database with a policy file beside it, and two people who write to each other.
type guarded struct {
	*machine
	dsn      string
	db       *sql.DB
	policy   string // the file
	ann, bob string // ids
}

func newGuarded(t testing.TB, env ...string) *guarded {
	t.Helper()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	m.env = append(m.env, env...)
	g := &guarded{machine: m, dsn: db.DSN, db: db.SQL, policy: filepath.Join(t.TempDir(), "policy.yaml")}
	g.write(judgetest.Policy)
	g.ann, g.bob = m.must("user", "add", "Ann"), m.must("user", "add", "Bob")
	return g
}

// write puts a policy in the place of the one in the file.
func (g *guarded) write(policy string) {
	g.t.Helper()
	next := g.policy + ".next"
	if err := os.WriteFile(next, []byte(policy), 0o600); err != nil {
		g.t.Fatal(err)
	}
	if err := os.Rename(next, g.policy); err != nil {
		g.t.Fatal(err)
	}
}

// start runs a server that judges by the file.
func (g *guarded) start(args ...string) *served {
	g.t.Helper()
	return g.serve(append([]string{"--listen", "127.0.0.1:0", "--rate-limit", "0", "--guard-policy", g.policy}, args...)...)
}

// count asks how many events there are of a type.
func (g *guarded) count(kind string) (n int) {
	g.t.Helper()
	if err := g.db.QueryRowContext(g.t.Context(), `SELECT count(*) FROM events WHERE type = $1`, kind).Scan(&n); err != nil {
		g.t.Fatal(err)
	}
	return n
}

// awaitPolicies waits until so many policies were installed.
func (g *guarded) awaitPolicies(n int) {
	g.t.Helper()
	eventually(g.t, fmt.Sprintf("%d policies are installed", n), func() bool { return g.count("GuardPolicyInstalled") == n })
}

// verify has replay check the log.
func (g *guarded) verify() {
	g.t.Helper()
	if got := g.must("replay"); !strings.Contains(got, "no finding") {
		g.t.Errorf("replay: %s", got[max(0, len(got)-500):])
	}
}

// said is what the server has logged.
func (s *served) said() string {
	s.t.Helper()
	said, err := os.ReadFile(s.log)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(said)
}

// metric reads a metric, with its labels as they are printed; -1 without it.
func (s *served) metric(name string) float64 {
	s.t.Helper()
	status, body := s.get("/metrics")
	match := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(body)
	if status != 200 || match == nil {
		return -1
	}
	value, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return value
}

// A policy file is in force from the start, another one soon after it was edited, without a restart; a broken one never.
func TestGuardPolicyFile(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	s := g.start()
	g.awaitPolicies(1)
	a := s.connect(g.must("token", g.ann))
	ask := func(id, content, want string) frame {
		t.Helper()
		a.say(g.bob, id, content)
		return a.await(want)
	}
	w := ask("1", judgetest.Scam, "warning")
	if w.Code != "message_blocked" || w.ClientMessageID != "1" || w.RiskScore != 0.9 || fmt.Sprint(w.Reasons) != "[wallet_drain]" ||
		w.Message != "Your message was not sent. It drains a wallet." {
		t.Errorf("got %+v", w)
	}
	ask("2", "hello", "message_sent")

	const greeting = "  - {name: greeting, message: It greets., weight: 0.9, any: ['\\bhello\\b']}\n"
	strict := strings.Replace(judgetest.Policy, "rules:\n", "rules:\n"+greeting, 1)
	g.write(strict)
	g.awaitPolicies(2)
	for id := 3; ; id++ { // it is in force right after its event
		a.say(g.bob, fmt.Sprint(id), "hello")
		a.limit()
		f, err := readFrame(a.conn)
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == "warning" {
			break
		}
	}
	if again := ask("2", "hello", "message_sent"); !again.Duplicate {
		t.Errorf("a repeat under the new policy: got %+v", again)
	}

	g.write(strings.Replace(strict, "weight: 0.5", "wieght: 0.5", 1))
	line := 1 + strings.Count(strict[:strings.Index(strict, "weight: 0.5")], "\n")
	want := fmt.Sprintf("line %d: ", line)
	eventually(t, "the broken policy is told of", func() bool { return strings.Contains(s.said(), g.policy) && strings.Contains(s.said(), want) })
	if got := s.said(); !strings.Contains(got, "wieght") || !strings.Contains(got, "stays in force") {
		t.Errorf("the server said %s, want the reason", got)
	}
	ask("broken", "hello", "warning")
	if n := g.count("GuardPolicyInstalled"); n != 2 {
		t.Errorf("%d policies are installed, want 2", n)
	}

	g.write(judgetest.Policy) // back to the first: the log says so
	g.awaitPolicies(3)
	if n := strings.Count(s.said(), "wieght"); n != 1 {
		t.Errorf("the broken policy was told of %d times, want once", n)
	}
	for range 2 {
		if status := s.stop(); status != 0 {
			t.Errorf("exit status: got %d, want 0", status)
		}
		s = g.start()
		s.awaitReady(200, `"status":"ready"`)
	}
	if n := g.count("GuardPolicyInstalled"); n != 3 {
		t.Errorf("after two restarts %d policies are installed, want 3", n)
	}
	g.verify()
}

// Without a file the policy in the program judges, and installs itself once.
func TestShippedPolicy(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, shippedPolicy)
	s := g.serve("--listen", "127.0.0.1:0")
	g.awaitPolicies(1)
	a := s.connect(g.must("token", g.ann))
	a.say(g.bob, "1", "MetaMask support here: your wallet is suspended. Send me your seed phrase to validate your wallet.")
	w := a.await("warning")
	if w.RiskScore < 0.8 || len(w.Reasons) == 0 || !strings.HasPrefix(w.Message, "Your message was not sent. ") {
		t.Errorf("got %+v", w)
	}
	a.say(g.bob, "2", "I lost my seed phrase list for the garden, can you bring yours on Sunday?")
	a.await("message_sent")
	for name, want := range map[string]float64{"sent": 1, "blocked": 1, "uncertain": 0, "excepted": 0} {
		if got := s.metric(`chainmail_guard_verdicts_total{verdict="` + name + `"}`); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	s.stop()
	s = g.serve("--listen", "127.0.0.1:0")
	s.awaitReady(200, `"status":"ready"`)
	if n := g.count("GuardPolicyInstalled"); n != 1 {
		t.Errorf("%d policies are installed, want 1", n)
	}
	g.verify()
}
