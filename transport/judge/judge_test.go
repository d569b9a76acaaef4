package judge_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/guard"
	"chainmail/guard/llm"
	"chainmail/transport/judge"
	"chainmail/transport/judge/judgetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// member is somebody whom no policy excepts.
var member = domain.ID{15: 1}

// verdictOn judges a text.
func verdictOn(t testing.TB, j *judge.Judge, sender domain.ID, text string) domain.Verdict {
	t.Helper()
	c := j.Look(sender, text)
	v, err := c.Settle(t.Context())
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return v
}

// judgeWith returns a judge who asks a model that answers so.
func judgeWith(t testing.TB, strict bool, answer judgetest.Answer) (*judge.Judge, *judgetest.Model) {
	t.Helper()
	m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer { return answer })
	j := judgetest.Judge(t)
	j.Model, j.Strict = m.Client(0), strict
	return j, m
}

func TestVerdictOfThePolicy(t *testing.T) {
	t.Parallel()
	excepted, err := domain.ParseID(judgetest.Excepted)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		sender  domain.ID
		text    string
		score   float64
		blocked bool
		reasons []string
		counts  judge.Counts
	}{
		"a good text":         {member, "hello", 0, false, nil, judge.Counts{Sent: 1}},
		"below the middle":    {member, "how strange", 0.1, false, []string{"small_doubt"}, judge.Counts{Sent: 1}},
		"in the middle":       {member, judgetest.Doubtful, 0.5, false, []string{"doubtful_offer"}, judge.Counts{Uncertain: 1}},
		"a bad text":          {member, judgetest.Scam, 0.9, true, []string{"wallet_drain"}, judge.Counts{Blocked: 1}},
		"two reasons":         {member, "strange: " + judgetest.Scam, 0.91, true, []string{"wallet_drain", "small_doubt"}, judge.Counts{Blocked: 1}},
		"an excepted user":    {excepted, judgetest.Scam, 0, false, nil, judge.Counts{Excepted: 1}},
		"no text":             {member, "", 0, false, nil, judge.Counts{Sent: 1}},
		"bytes of all kinds":  {member, "\xff\x00" + judgetest.Scam, 0.9, true, []string{"wallet_drain"}, judge.Counts{Blocked: 1}},
		"nobody's, as in CLI": {domain.ID{}, judgetest.Scam, 0.9, true, []string{"wallet_drain"}, judge.Counts{Blocked: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := judgetest.Judge(t)
			v := verdictOn(t, j, test.sender, test.text)
			if v.RiskScore != test.score || v.Blocked != test.blocked || v.Model != nil || v.PolicyHash != j.Guard().Policy().Hash() {
				t.Errorf("got %+v, want score %v, blocked %t", v, test.score, test.blocked)
			}
			if got := domain.RuleNames(v.Reasons); !slices.Equal(got, test.reasons) {
				t.Errorf("reasons: got %v, want %v", got, test.reasons)
			}
			if got := j.Counts(); got != test.counts {
				t.Errorf("counts: got %+v, want %+v", got, test.counts)
			}
		})
	}
}

// The model is asked about what is uncertain, and about nothing else.
func TestOnlyTheMiddleIsAsked(t *testing.T) {
	t.Parallel()
	j, m := judgeWith(t, true, judgetest.Says(llm.Benign, 0))
	excepted, err := domain.ParseID(judgetest.Excepted)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"hello", "strange", judgetest.Scam} {
		c := j.Look(member, text)
		if c.Open() {
			t.Errorf("%q: the case is open", text)
		}
		if v, err := c.Settle(t.Context()); err != nil || v.Model != nil {
			t.Errorf("%q: asked, %+v, %v", text, v.Model, err)
		}
	}
	verdictOn(t, j, excepted, judgetest.Doubtful)
	if got := m.Texts(); len(got) != 0 {
		t.Errorf("asked about %q", got)
	}
	c := j.Look(member, judgetest.Doubtful)
	if !c.Open() {
		t.Error("the case of an uncertain text is closed")
	}
	if len(m.Texts()) != 0 {
		t.Error("Look asked the model")
	}
	if v, err := c.Settle(t.Context()); err != nil || v.Model == nil {
		t.Errorf("an uncertain text was not asked about: %v", err)
	}
	if got := m.Texts(); !slices.Equal(got, []string{judgetest.Doubtful}) {
		t.Errorf("asked about %q", got)
	}
}

func TestOpinionIsRecorded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		label   llm.Label
		said    float64
		score   float64
		blocked bool
		reasons []string
		counts  judge.Counts
	}{
		"harmless":           {llm.Benign, 0, 0.5, false, []string{"doubtful_offer"}, judge.Counts{Uncertain: 1}},
		"rather harmless":    {llm.Spam, 0.49, 0.5, false, []string{"doubtful_offer"}, judge.Counts{Uncertain: 1}},
		"harmful":            {llm.Scam, 1, 0.95, true, []string{guard.ModelReason, "doubtful_offer"}, judge.Counts{Blocked: 1}},
		"meant to steer it":  {llm.Injection, 0.95, 0.93, true, []string{guard.ModelReason, "doubtful_offer"}, judge.Counts{Blocked: 1}},
		"an insult, perhaps": {llm.Abuse, 0.5, 0.73, false, []string{"doubtful_offer", guard.ModelReason}, judge.Counts{Uncertain: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, _ := judgeWith(t, true, judgetest.Says(test.label, test.said)) // it answers, so that strict makes no difference
			v := verdictOn(t, j, member, judgetest.Doubtful)
			if v.RiskScore != test.score || v.Blocked != test.blocked || !slices.Equal(domain.RuleNames(v.Reasons), test.reasons) {
				t.Errorf("got %+v, want score %v, blocked %t, reasons %v", v, test.score, test.blocked, test.reasons)
			}
			o := v.Model
			if o == nil || o.Model != judgetest.Name || o.Label == nil || *o.Label != string(test.label) ||
				o.Score == nil || *o.Score != test.said || o.Failure != nil {
				t.Errorf("opinion: got %+v", o)
			}
			if got := j.Counts(); got != test.counts {
				t.Errorf("counts: got %+v, want %+v", got, test.counts)
			}
		})
	}
}

// Without an answer the score that there is decides, or, when the judge is strict, the text is blocked. Why there was no answer is
// recorded.
func TestFailureIsRecorded(t *testing.T) {
	t.Parallel()
	status := judgetest.Status
	for name, test := range map[string]struct {
		answer judgetest.Answer
		want   llm.Failure
	}{
		"silent":         {judgetest.Silent, llm.Timeout},
		"half an answer": {judgetest.Trickle, llm.Timeout},
		"overloaded":     {status(http.StatusTooManyRequests), llm.Overloaded},
		"failing":        {status(http.StatusInternalServerError), llm.Unavailable},
		"refusing":       {status(http.StatusUnauthorized), llm.Refused},
		"a page":         {judgetest.HTML, llm.Malformed},
		"another's":      {judgetest.WrongID, llm.Malformed},
		"another word":   {judgetest.Says("harmless", 0), llm.Malformed},
		"half sure":      {judgetest.Says(llm.Benign, 0.5), llm.Malformed}, // counted, it would block what it calls benign
	} {
		for _, strict := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, strict %t", name, strict), func(t *testing.T) {
				t.Parallel()
				m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer { return test.answer })
				j := judgetest.Judge(t)
				var deadline time.Duration // what comes has the time to come
				if test.want == llm.Timeout {
					deadline = 300 * time.Millisecond
				}
				j.Model, j.Strict = m.Client(deadline), strict
				wantUnanswered(t, j, test.want)
			})
		}
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := listener.Addr().String()
		listener.Close()
		j := judgetest.Judge(t)
		j.Model, err = llm.New(llm.Settings{URL: "http://" + address, Model: judgetest.Name})
		if err != nil {
			t.Fatal(err)
		}
		defer j.Model.Close()
		wantUnanswered(t, j, llm.Unavailable)
	})
	t.Run("closed", func(t *testing.T) {
		t.Parallel()
		j, m := judgeWith(t, true, judgetest.Says(llm.Benign, 0))
		j.Model.Close()
		wantUnanswered(t, j, llm.Unavailable)
		if got := m.Texts(); len(got) != 0 {
			t.Errorf("asked about %q", got)
		}
	})
}

// wantUnanswered judges an uncertain text, about which the model has no opinion.
func wantUnanswered(t *testing.T, j *judge.Judge, want llm.Failure) {
	t.Helper()
	v := verdictOn(t, j, member, judgetest.Doubtful)
	o := v.Model
	if o == nil || o.Model != judgetest.Name || o.Label != nil || o.Score != nil || o.Failure == nil || *o.Failure != string(want) {
		t.Fatalf("opinion: got %+v, want failure %s", o, want)
	}
	reasons, counts := []string{"doubtful_offer"}, judge.Counts{Uncertain: 1}
	if j.Strict {
		reasons, counts = append(reasons, guard.UnansweredReason), judge.Counts{Blocked: 1}
	}
	if v.Blocked != j.Strict || v.RiskScore != 0.5 || !slices.Equal(domain.RuleNames(v.Reasons), reasons) {
		t.Errorf("got %+v, want score 0.5, blocked %t, reasons %v", v, j.Strict, reasons)
	}
	if got := j.Counts(); got != counts {
		t.Errorf("counts: got %+v, want %+v", got, counts)
	}
}

// What comes back is what the guard of the moment thinks, though another one is put in force meanwhile.
func TestCaseKeepsItsGuard(t *testing.T) {
	t.Parallel()
	loose, err := guard.ParsePolicy([]byte("version: 1\nthresholds: {block: 1, uncertain: 1}\nweights: {rules: 1, classifier: 0, classifier_from: 1, model: 0}\nclassifier: {message: No.}\nrules:\n  - name: nothing_here\n    message: No.\n    weight: 0.1\n    any: ['never written']\n"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := guard.New(loose, nil)
	if err != nil {
		t.Fatal(err)
	}
	first := judgetest.Guard(t)
	current := first
	j := &judge.Judge{Guard: func() *guard.Guard { return current }}
	c := j.Look(member, judgetest.Scam)
	current = second
	if v, err := c.Settle(t.Context()); err != nil || !v.Blocked || v.PolicyHash != first.Policy().Hash() {
		t.Errorf("got %+v, %v, want the first guard's verdict", v, err)
	}
	if v := verdictOn(t, j, member, judgetest.Scam); v.Blocked || v.PolicyHash != second.Policy().Hash() {
		t.Errorf("got %+v, want the second guard's verdict", v)
	}
}

func TestTell(t *testing.T) {
	t.Parallel()
	j := judgetest.Judge(t)
	const (
		drains, doubtful = "It drains a wallet.", "Its offer is doubtful."
		model            = "A language model takes it for harmful."
		later            = "It looks suspicious, and a closer look is not possible just now. Try again later, as a new message."
		harmful          = "It looks harmful."
	)
	for _, test := range []struct {
		reasons []string
		want    string
	}{
		{[]string{"wallet_drain", "doubtful_offer"}, drains},
		{[]string{"doubtful_offer", "wallet_drain"}, doubtful},
		{[]string{"of_an_older_policy", "wallet_drain"}, drains},
		{[]string{guard.ModelReason, "doubtful_offer"}, doubtful}, // a rule's words say more
		{[]string{guard.ModelReason, "of_an_older_policy"}, model},
		{[]string{"doubtful_offer", guard.UnansweredReason}, later},
		{[]string{"of_an_older_policy"}, harmful},
		{nil, harmful},
	} {
		if got := j.Tell(test.reasons); got != test.want {
			t.Errorf("%v: got %q, want %q", test.reasons, got, test.want)
		}
	}
}
