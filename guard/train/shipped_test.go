package train_test

import (
	"bytes"
	"flag"
	"hash/fnv"
	"os"
	"runtime"
	"testing"

	"chainmail/guard"
	"chainmail/guard/train"
)

var (
	full   = flag.Bool("full", false, "train on all data: about half a minute of one core")
	update = flag.Bool("update", false, "with -full: write the shipped model")
	policy = flag.Bool("policy", false, "with -full: measure the classifier together with the shipped policy's rules")
	unseen = flag.Bool("unseen", false, "with -full: measure on each source in turn, training on the others")
)

const shippedModel = "../model.txt"

// TestShippedModel trains as the shipped model was trained and wants the same bytes. Its log has the tables of docs/guard.md.
func TestShippedModel(t *testing.T) {
	if !*full {
		t.Skip("needs half a minute: go test ./guard/train -run TestShippedModel -v -full")
	}
	messages, err := train.Data()
	if err != nil {
		t.Fatal(err)
	}
	model, report, err := train.Train(messages)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("cross-validated: %s", report.Markdown())
	if *unseen {
		report, err := train.Unseen(messages)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("unseen sources: %s", report.Markdown())
	}
	if *policy {
		measurePolicy(t, messages)
	}
	if *update {
		if err := os.WriteFile(shippedModel, model, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	shipped, err := os.ReadFile(shippedModel)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(model, shipped) && runtime.GOARCH == "amd64" { // math.Exp differs in the last bit elsewhere
		t.Errorf("training gives another model than the shipped one (%d and %d bytes): write it anew with -update", len(model), len(shipped))
	}
}

// measurePolicy logs how the whole guard does, on the half of the messages by which the rules were tuned (0, as in the rules' own test), on the other (1) and on all, and the good messages that it blocks.
func measurePolicy(t *testing.T, messages []train.Message) {
	t.Helper()
	rules, err := guard.ParsePolicy(guard.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := train.Judge(messages, rules)
	if err != nil {
		t.Fatal(err)
	}
	for half := range 2 {
		report := train.Tabulate(messages, verdicts, func(m train.Message) bool { return halfOf(m.Text) == uint32(half) })
		t.Logf("rules and classifier, half %d: F1 %.3f, false positives %.2f%%", half, report.Total.F1(), 100*report.Total.FalsePositives())
	}
	all := train.Tabulate(messages, verdicts, func(train.Message) bool { return true })
	t.Logf("rules and classifier: %suncertain benign messages: %d", all.Markdown(), all.Uncertain)
	for i, m := range messages {
		if !m.Bad() && verdicts[i].Blocked {
			t.Logf("%s, blocked with %.2f for %v: %.120q", m.Source, verdicts[i].Score, verdicts[i].Names(), m.Text)
		}
	}
}

func halfOf(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32() % 2
}
