package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chainmail/guard/llm"
	"chainmail/transport/judge/judgetest"
)

// trouble is what a model may do instead of answering, by a word of the text.
type trouble struct {
	word    string
	answer  judgetest.Answer
	failure llm.Failure
}

// slowTrouble is waited for until the deadline.
var slowTrouble = []trouble{
	{"silence", judgetest.Silent, llm.Timeout},
	{"half", judgetest.Trickle, llm.Timeout},
}

// quickTrouble comes at once, in an order in which the client goes on asking.
var quickTrouble = []trouble{
	{"page", judgetest.HTML, llm.Malformed},
	{"overload", judgetest.Status(http.StatusTooManyRequests), llm.Overloaded},
	{"stranger", judgetest.WrongID, llm.Malformed},
	{"failing", judgetest.Status(http.StatusBadGateway), llm.Unavailable},
	{"refusal", judgetest.Status(http.StatusUnauthorized), llm.Refused},
}

// startTroubled starts a model that does what the text says.
func startTroubled(t testing.TB) *judgetest.Model {
	return judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		for _, trouble := range slices.Concat(slowTrouble, quickTrouble) {
			if strings.Contains(q.Text, trouble.word) {
				return trouble.answer
			}
		}
		if strings.Contains(q.Text, "bad") {
			return judgetest.Says(llm.Scam, 0.99)
		}
		return judgetest.Says(llm.Benign, 0)
	})
}

// An uncertain message is answered within the deadline whatever the model does, and the log says what it did. The model's key
// shows nowhere.
func TestModelInTrouble(t *testing.T) {
	t.Parallel()
	for _, failure := range []string{"allow", "block"} {
		t.Run(failure, func(t *testing.T) {
			t.Parallel()
			m := startTroubled(t)
			keyFile := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(keyFile, []byte(judgetest.Key+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			g := newGuarded(t, "CHAINMAIL_GUARD_LLM_KEY_FILE="+keyFile, "CHAINMAIL_LOG_LEVEL=debug")
			// What comes has the time to come on a busy machine; what does not come is not waited for as long.
			g.askInTrouble(m, failure, "3s", 2, quickTrouble)
			g.askInTrouble(m, failure, "500ms", 0, slowTrouble)
			if strings.Contains(g.must("replay", "--format", "json"), judgetest.Key) {
				t.Error("the model's key is in the history")
			}
			g.verify()
		})
	}
}

// askInTrouble runs a server with this deadline and sends it texts on which the model has opinions, none or two, and those that get it into trouble.
func (g *guarded) askInTrouble(m *judgetest.Model, failure, deadline string, opinions int, troubles []trouble) {
	t := g.t
	t.Helper()
	before := len(m.Texts())
	s := g.start("--guard-llm-url", m.URL, "--guard-llm-model", judgetest.Name, "--guard-llm-timeout", deadline, "--guard-llm-failure", failure)
	a := s.connect(g.must("token", g.ann))
	ask := func(word, want string) frame {
		t.Helper()
		a.say(g.bob, word, word+": a "+judgetest.Doubtful)
		f := a.await(want)
		if f.ClientMessageID != word {
			t.Errorf("%s: got %+v", word, f)
		}
		return f
	}
	if opinions > 0 {
		if f := ask("good", "message_sent"); f.RiskScore != 0.5 {
			t.Errorf("good: got %+v", f)
		}
		if w := ask("bad", "warning"); w.RiskScore != 0.95 || fmt.Sprint(w.Reasons) != "[language_model doubtful_offer]" {
			t.Errorf("bad: got %+v", w)
		}
		if got := g.opinionOn("bad"); got.label != "scam" || got.score != "0.99" || got.failure != "" {
			t.Errorf("bad: got %+v", got)
		}
	}
	outcomes := map[llm.Failure]float64{"opinion": float64(opinions)}
	for _, trouble := range troubles {
		outcomes[trouble.failure]++
		if failure == "allow" {
			ask(trouble.word, "message_sent")
		} else if w := ask(trouble.word, "warning"); w.RiskScore != 0.5 || fmt.Sprint(w.Reasons) != "[doubtful_offer language_model_unanswered]" {
			t.Errorf("%s: got %+v", trouble.word, w)
		}
		if got := g.opinionOn(trouble.word); got.failure != string(trouble.failure) || got.label != "" || got.model != judgetest.Name {
			t.Errorf("%s: got %+v, want failure %s", trouble.word, got, trouble.failure)
		}
	}
	a.say(g.bob, "hello "+deadline, "hello") // it is not uncertain, so nobody is asked
	a.await("message_sent")
	for outcome, want := range outcomes {
		if got := s.metric(`chainmail_guard_llm_questions_total{outcome="` + string(outcome) + `"}`); got != want {
			t.Errorf("%s: got %v, want %v", outcome, got, want)
		}
	}
	if got, want := s.metric("chainmail_guard_llm_requests_total"), len(m.Texts())-before; got != float64(want) || want < opinions+len(troubles) {
		t.Errorf("requests: got %v, want %d", got, want)
	}
	if got := s.metric("chainmail_guard_llm_breaker_open"); got != 0 {
		t.Errorf("the breaker: got %v, want 0", got)
	}
	_, metrics := s.get("/metrics")
	if status := s.stop(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
	if n := strings.Count(s.said(), "the language model gives no opinion"); n != 1 {
		t.Errorf("the log tells %d times that the model gives no opinion, want once", n)
	}
	for what, text := range map[string]string{"log": s.said(), "metrics": metrics} {
		if strings.Contains(text, judgetest.Key) {
			t.Errorf("the model's key is in the %s", what)
		}
	}
}

// recordedOpinion is what an event tells of a model.
type recordedOpinion struct{ model, label, score, failure string }

// opinionOn reads what the log has of the model's opinion on a message.
func (g *guarded) opinionOn(clientID string) (o recordedOpinion) {
	g.t.Helper()
	const query = `
		SELECT e.payload->'model'->>'model', coalesce(e.payload->'model'->>'label', ''),
			coalesce(e.payload->'model'->>'score', ''), coalesce(e.payload->'model'->>'failure', '')
		FROM events AS m
		JOIN events AS e ON e.payload->>'message_id' = m.payload->>'message_id' AND e.type IN ('MessageJudged', 'MessageBlocked')
		WHERE m.type IN ('MessageSent', 'MessageBlocked') AND m.payload->>'client_message_id' = $1`
	err := g.db.QueryRowContext(g.t.Context(), query, clientID).Scan(&o.model, &o.label, &o.score, &o.failure)
	if err != nil && err != sql.ErrNoRows {
		g.t.Fatal(err)
	}
	return o
}

// A model that has failed for a while is not asked any more, so that nobody waits for it: with a deadline of seconds, all is
// answered.
func TestModelThatIsAway(t *testing.T) {
	t.Parallel()
	m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer { return judgetest.Status(http.StatusServiceUnavailable) })
	g := newGuarded(t, "CHAINMAIL_GUARD_LLM_KEY="+judgetest.Key)
	s := g.start("--guard-llm-url", m.URL, "--guard-llm-model", judgetest.Name)
	a := s.connect(g.must("token", g.ann))
	const count = 40
	for i := range count {
		a.say(g.bob, fmt.Sprint(i), fmt.Sprintf("%d: a %s", i, judgetest.Doubtful))
	}
	for i := range count {
		if f := a.await("message_sent"); f.ClientMessageID != fmt.Sprint(i) || f.RiskScore != 0.5 {
			t.Errorf("got %+v, want %d", f, i)
		}
	}
	if got := s.metric(`chainmail_guard_llm_questions_total{outcome="unavailable"}`); got != count {
		t.Errorf("unanswered: got %v, want %d", got, count)
	}
	if got := s.metric("chainmail_guard_llm_breaker_open"); got != 1 {
		t.Errorf("the breaker: got %v, want 1", got)
	}
}
