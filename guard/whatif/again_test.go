package whatif_test

import (
	"reflect"
	"testing"

	"chainmail/domain"
	"chainmail/guard"
	"chainmail/guard/whatif"
)

// What the policy made of a text it makes of it again, with what the language model said.
func TestAgain(t *testing.T) {
	t.Parallel()
	g, bare, err := whatif.Past(policy, nil)
	if err != nil || bare {
		t.Fatal(bare, err)
	}
	for _, c := range []struct {
		text    string
		model   *domain.ModelOpinion
		score   float64
		blocked bool
		reasons []string
	}{
		{"hello", nil, 0, false, []string{}},
		{"carrots", nil, 0.9, true, []string{"carrots"}},
		{"cabbages", nil, 0.5, false, []string{"cabbages"}},
		{"cabbages", silent(), 0.5, false, []string{"cabbages"}},
		{"cabbages", said(0.7), 0.82, true, []string{"language_model", "cabbages"}},
		{"hello", said(1), 0, false, []string{}},
	} {
		e := whatif.Again(g, c.text, c.model, 5)
		if e.Score != c.score || e.Blocked != c.blocked || !reflect.DeepEqual(e.Names(), c.reasons) {
			t.Errorf("%q: got %v %v %v, want %+v", c.text, e.Score, e.Blocked, e.Names(), c)
		}
	}
	if e := whatif.Again(g, "buy my CARROTS", nil, 5); len(e.Findings) != 1 || e.Findings[0].Text != "carrots" {
		t.Errorf("findings: got %+v", e.Findings)
	}
}

// The words of the classifier come with it.
func TestAgainByClassifier(t *testing.T) {
	t.Parallel()
	g, _, err := whatif.Past(string(guard.Shipped()), guard.ShippedClassifier())
	if err != nil {
		t.Fatal(err)
	}
	if e := whatif.Again(g, "Claim your free airdrop tokens now", nil, 3); len(e.Words) != 3 {
		t.Errorf("got %+v", e.Words)
	}
}

// A policy's lists are not in the log: its other rules judge without them.
func TestPastLists(t *testing.T) {
	t.Parallel()
	g, bare, err := whatif.Past(policy+`
  - {name: reported_site, message: It was reported., weight: 0.95, links: {lists: [sites]}}
lists:
  - {name: sites, kind: domains, file: lists/sites.txt}
`, nil)
	if err != nil || !bare {
		t.Fatal(bare, err)
	}
	if e := whatif.Again(g, "carrots at https://evil.example/", nil, 5); !reflect.DeepEqual(e.Names(), []string{"carrots"}) {
		t.Errorf("got %v", e.Names())
	}
	if _, _, err := whatif.Past("version: 2", nil); err == nil {
		t.Error("a broken policy is taken")
	}
}
