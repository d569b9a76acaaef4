package train_test

import (
	"strings"
	"testing"

	"chainmail/guard/train"
)

func TestReadSaysWhichLineIsWrong(t *testing.T) {
	t.Parallel()
	const fine = `{"text":"hello","label":"benign","source":"x"}` + "\n"
	for _, c := range []struct{ data, want string }{
		{fine + "{", "line 2: "},
		{fine + "\n" + `{"text":"hello","label":"nice","source":"x"}`, `line 3: label "nice" is none of benign, spam, scam, abuse, injection`},
		{`{"label":"benign","source":"x"}`, "line 1: no text"},
		{`{"text":"hello","label":"benign"}`, "line 1: no source"},
	} {
		if _, err := train.Read(strings.NewReader(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error is %v, want %q", c.data, err, c.want)
		}
	}
	messages, err := train.Read(strings.NewReader(fine + "\n" + `{"text":"buy","label":"spam","source":"y","sub":"z"}`))
	if err != nil || len(messages) != 2 {
		t.Fatalf("%d messages and error %v, want 2", len(messages), err)
	}
	if want := (train.Message{Text: "buy", Label: "spam", Source: "y", Sub: "z"}); messages[1] != want || !want.Bad() || messages[0].Bad() {
		t.Errorf("got %+v, want %+v", messages[1], want)
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	messages, err := train.Data()
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	seen := map[string]bool{}
	for _, m := range messages {
		n[m.Source]++
		if m.Source == train.Written && seen[m.Text] {
			t.Errorf("%q is there twice", m.Text)
		}
		seen[m.Text] = true
	}
	if n[train.Written] < 500 || len(messages)-n[train.Written] != 9088 {
		t.Errorf("%d messages, of which %d written: want 9,088 collected ones", len(messages), n[train.Written])
	}
}
