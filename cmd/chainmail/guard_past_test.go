package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// carrotPolicy blocks what advertises carrots, and nothing else.
const carrotPolicy = `version: 1
thresholds: {block: 0.8, uncertain: 0.4}
weights: {classifier: 0}
rules:
  - name: carrots
    message: It advertises carrots.
    weight: 0.9
    any: ['\bcarrots\b']
`

// policyFile writes a policy.
func policyFile(t testing.TB, policy string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What became of messages is explained while the server runs and after it, and another policy is tried on them.
func TestGuardLooksBack(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	policy := policyFile(t, carrotPolicy)
	s := m.serve("--listen", "127.0.0.1:0", "--guard-policy", policy)
	alice, bob := m.must("user", "add", "Alice", "--role", "admin"), m.must("user", "add", "Bob")
	token := m.must("token", alice)
	a := s.connect(token)
	a.say(bob, "1", "buy my carrots")
	blocked := a.await("warning").MessageID
	// The admin is its sender, and it opens the conversation.
	status, answer := s.ask(token, "POST", "/api/guard/blocked/"+blocked+"/release", "", "")
	var released struct {
		ID       string `json:"message_id"`
		Position int64
	}
	if err := json.Unmarshal([]byte(answer), &released); err != nil || status != 201 {
		t.Fatalf("release: %d %s %v", status, answer, err)
	}
	a.say(bob, "2", "hello Bob")
	sent := a.await("message_sent").MessageID
	a.say(bob, "3", "carrots, said Bugs")
	erased := a.await("warning").MessageID
	if status, answer := s.ask(token, "DELETE", "/api/messages/"+erased+"/content", `{"reason":"privacy"}`, ""); status/100 != 2 {
		t.Fatalf("erase: %d %s", status, answer)
	}
	lookBack := func() {
		t.Helper()
		why := m.must("guard", "explain", blocked)
		for _, want := range []string{
			"Message " + blocked + " was blocked at #", "\nand released at #", " by Alice (" + alice + "): sent as " + released.ID + ".\n",
			`"buy my carrots"`, "0.90 (uncertain from 0.40, blocked from 0.80)", "a file's or another release's, installed at #2,",
			"this program's own\n", "language model  not asked\n", "\n  0.90  carrots: It advertises carrots.\n",
			"\nJudged again by the same policy: blocked, 0.90, as then.\n", "\n  carrots: \"carrots\"",
		} {
			if !strings.Contains(why, want) {
				t.Errorf("explain does not say %q:\n%s", want, why)
			}
		}
		if got := m.must("guard", "explain", released.ID); got != why {
			t.Errorf("the message that it was sent as is explained differently:\n%s", got)
		}
		if got := m.must("guard", "explain", sent); !strings.Contains(got, " was sent at #") || !strings.Contains(got, "No rule met it") ||
			!strings.Contains(got, "sent, 0.00, as then") {
			t.Errorf("explain of a message without reasons:\n%s", got)
		}
		for _, form := range []string{"--json=false", "--json"} {
			if got := m.must("guard", "explain", erased, form); strings.Contains(got, "Bugs") || !strings.Contains(got, "its content is erased") {
				t.Errorf("explain of an erased message:\n%s", got)
			}
		}
		if got := m.must("guard", "try", "--policy", policy); !strings.Contains(got, "newly blocked                0\n") ||
			!strings.Contains(got, "newly allowed                0\n") || !strings.Contains(got, "released by an admin") {
			t.Errorf("trying the policy in force:\n%s", got)
		}
		if got := m.must("guard", "try", "--policy", policy, "--from", itoa(released.Position)); !strings.Contains(got, "released by an admin") {
			t.Errorf("trying it from the released message on:\n%s", got)
		}
	}
	lookBack()
	m.must("guard", "try", "--policy", policyFile(t, strings.ReplaceAll(carrotPolicy, "carrots", "hello")))
	if status := s.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	lookBack()
	// Nothing was added to the log, and nothing taken out of the tables.
	m.must("replay")
	m.must("rebuild", "--verify")
}

// A policy that is tried tells what it would newly block and newly allow.
func TestGuardTry(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	s := m.serve("--listen", "127.0.0.1:0", "--guard-policy", policyFile(t, carrotPolicy))
	alice, bob := m.must("user", "add", "Alice"), m.must("user", "add", "Bob")
	a := s.connect(m.must("token", alice))
	a.say(bob, "1", "buy my carrots")
	blocked := a.await("warning")
	a.say(bob, "2", "he\u0301llo \u202eBob")
	sent := a.await("message_sent")
	hello := policyFile(t, strings.ReplaceAll(carrotPolicy, "carrots", "hello"))
	head := m.must("replay", "--format", "json")

	text := m.must("guard", "try", "--policy", hello)
	for _, want := range []string{
		"2 messages judged by " + hello + ", from #1 to #", "newly blocked                1   50.00%", "newly allowed                1   50.00%",
		"\n  2 names, of which 0 would be refused\n", "  0.00 → 0.90  hello\n", `llo \u202eBob`, "  0.90 → 0.00  (was: carrots)\n      buy my carrots\n",
		"\n           1  hello\n", "chainmail serve --guard-policy " + hello,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("try does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\u202e") {
		t.Error("what turns letters round is printed as it is")
	}
	var report struct {
		Messages struct {
			Judged       int64
			NewlyBlocked struct {
				Examples []struct {
					ID   string
					Text string
				}
			} `json:"newly_blocked"`
			NewlyAllowed struct{ Count int64 } `json:"newly_allowed"`
		}
		Names struct{ Judged int64 }
	}
	from := []string{"guard", "try", "--policy", hello, "--json", "--from", "1", "--examples"}
	if err := json.Unmarshal([]byte(m.must(append(from, "1")...)), &report); err != nil {
		t.Fatal(err)
	}
	if e := report.Messages.NewlyBlocked.Examples; len(e) != 1 || e[0].ID != sent.MessageID || e[0].Text != "he\u0301llo \u202eBob" || report.Names.Judged != 2 {
		t.Errorf("got %+v", report)
	}
	later := m.must("guard", "try", "--policy", hello, "--examples", "0", "--from", itoa(blocked.Position+1))
	if !strings.Contains(later, "1 message judged") || !strings.Contains(later, "newly allowed                0\n") || strings.Contains(later, "Bob") {
		t.Errorf("after the blocked message:\n%s", later)
	}
	if got := m.must("replay", "--format", "json"); !strings.HasPrefix(got, head[:strings.LastIndex(head, "\n")]) {
		t.Error("the log has changed")
	}
}
