package train_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"chainmail/guard"
	"chainmail/guard/train"
	"chainmail/internal/racetest"
)

// sample is every n-th message of the data, so that training takes a moment.
func sample(t *testing.T, n int) (some []train.Message) {
	t.Helper()
	messages, err := train.Data()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range messages {
		if i%n == 0 || m.Label == "injection" && i%5 == 0 { // of which there are few
			some = append(some, m)
		}
	}
	return some
}

func TestTrainTwiceIsOnce(t *testing.T) {
	t.Parallel()
	messages := sample(t, 30)
	first, report, err := train.Train(messages)
	if err != nil {
		t.Fatal(err)
	}
	second, again, err := train.Train(messages)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("the same messages gave two models")
	}
	if report.Markdown() != again.Markdown() {
		t.Error("the same messages gave two reports")
	}
	c, err := guard.ReadClassifier(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	bad, benign := mean(c, messages)
	if bad < benign+0.3 {
		t.Errorf("bad messages have a score of %.2f, benign ones of %.2f", bad, benign)
	}
}

// mean returns the mean score of the bad and of the benign messages.
func mean(c *guard.Classifier, messages []train.Message) (bad, benign float64) {
	var n [2]float64
	for _, m := range messages {
		score := c.Score(guard.Normalise(m.Text))
		if m.Bad() {
			bad, n[0] = bad+score, n[0]+1
		} else {
			benign, n[1] = benign+score, n[1]+1
		}
	}
	return bad / math.Max(1, n[0]), benign / math.Max(1, n[1])
}

func TestTrainWantsEveryLabel(t *testing.T) {
	t.Parallel()
	messages := slices.DeleteFunc(sample(t, 30), func(m train.Message) bool { return m.Label == "injection" })
	_, _, err := train.Train(messages)
	if want := "0 messages are labelled injection, at least 5 are needed"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want %q", err, want)
	}
	if _, err := train.Unseen(messages); err == nil {
		t.Error("measuring on unseen sources gave no error")
	}
}

func TestUnseenLeavesASourceOut(t *testing.T) {
	t.Parallel()
	var messages []train.Message
	add := func(source, label, text string) {
		messages = append(messages, train.Message{Source: source, Label: label, Text: text})
	}
	words := strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda sigma omega")
	for i := range 120 { // in one source "promo" is spam; in the other it is how friends greet
		a, b := words[i%13], words[i%11]
		add("one", "spam", "promo "+a+" "+b)
		add("one", train.Benign, "plain "+a+" "+b)
		add("two", train.Benign, "promo "+b+" "+a)
		add("two", "abuse", "insult "+a+" "+b)
		if i < 20 {
			add("one", "injection", "ignore "+a)
			add("two", "scam", "plain "+a)
		}
	}
	report, err := train.Unseen(messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range report.Rows {
		switch {
		case row.Source == "two" && row.Label == train.Benign && row.Missed == 0:
			t.Error("no greeting was taken for spam: its source was learnt from")
		case row.Source == "two" && row.Label == "abuse" && row.Caught > 0:
			t.Errorf("%d insults were caught without having learnt one", row.Caught)
		}
	}
	one := slices.DeleteFunc(messages, func(m train.Message) bool { return m.Source == "one" && m.Label == "x" })
	for i := range one {
		one[i].Source = "one"
	}
	if _, err := train.Unseen(one); err == nil {
		t.Error("one source gave no error")
	}
}

// The whole guard is measured on messages that its classifier has not learnt from, and catches more than its classifier alone.
func TestJudgeHoldsTheFoldOut(t *testing.T) {
	t.Parallel()
	racetest.InFull(t)
	messages := sample(t, 30)
	policy, err := guard.ParsePolicy([]byte("version: 1\nthresholds: {block: 0.8, uncertain: 0.4}\nrules:\n  - {name: prize, message: A prize., weight: 0.9, any: ['\\bprize\\b']}\n"))
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := train.Judge(messages, policy)
	if err != nil {
		t.Fatal(err)
	}
	prizes := 0
	for i, m := range messages {
		switch v := verdicts[i]; {
		case m.Source == train.Written && v.Signals.Classified:
			t.Fatalf("%q was written for training and is judged", m.Text)
		case m.Source != train.Written && !v.Signals.Classified:
			t.Fatalf("%q was not judged", m.Text)
		case slices.Contains(v.Names(), "prize"):
			prizes++
			if !v.Blocked {
				t.Errorf("%q has a prize and a score of %.2f", m.Text, v.Score)
			}
		}
	}
	all := train.Tabulate(messages, verdicts, func(train.Message) bool { return true })
	some := train.Tabulate(messages, verdicts, func(m train.Message) bool { return m.Source == "sms-uci" })
	if prizes == 0 || all.Total.Caught < prizes || len(some.Rows) >= len(all.Rows) || some.Total.Benign == 0 {
		t.Errorf("%d prizes, all: %+v, one source: %+v", prizes, all, some)
	}
	if _, err := train.Judge(messages[:3], policy); err == nil {
		t.Error("three messages gave no error")
	}
}

func TestReportMarkdown(t *testing.T) {
	t.Parallel()
	row := train.Row{Source: "x", Label: "spam", Bad: 10, Caught: 8, Benign: 1000, Missed: 2}
	for name, c := range map[string][2]float64{
		"precision":       {row.Precision(), 0.8},
		"recall":          {row.Recall(), 0.8},
		"F1":              {row.F1(), 0.8},
		"false positives": {row.FalsePositives(), 0.002},
		"of nothing":      {train.Row{}.F1(), 0},
	} {
		if math.Abs(c[0]-c[1]) > 1e-9 {
			t.Errorf("%s is %g, want %g", name, c[0], c[1])
		}
	}
	got := train.Report{Total: row, Rows: []train.Row{{Source: "x", Label: "spam", Bad: 10, Caught: 8}}}.Markdown()
	for _, want := range []string{"F1 0.800, false positives 0.20% (2 of 1000 benign, 8 of 10 bad blocked)", "| x | spam | 10 | 8 | 80.0% |"} {
		if !strings.Contains(got, want) {
			t.Errorf("report has no %q:\n%s", want, got)
		}
	}
}
