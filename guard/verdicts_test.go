package guard_test

import (
	"bufio"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chainmail/guard"
)

// verdictCase is a line of testdata/verdicts.txt.
type verdictCase struct {
	line             int
	want, rule, text string
}

// verdictCases reads testdata/verdicts.txt.
func verdictCases(t testing.TB) (cases []verdictCase) {
	t.Helper()
	file, err := os.Open("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(line, " ", 3)
		text, err := strconv.Unquote(parts[2])
		if err != nil {
			t.Fatalf("line %d: %v", number, err)
		}
		cases = append(cases, verdictCase{number, parts[0], parts[1], text})
	}
	return cases
}

// serversGuard judges as the server does: by the shipped rules and the shipped classifier.
func serversGuard(t testing.TB) *guard.Guard {
	t.Helper()
	policy, err := guard.ParsePolicy(guard.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(policy, guard.ShippedClassifier())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Each text of testdata/verdicts.txt gets the verdict that stands before it, from rules and classifier together.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	g := serversGuard(t)
	count := map[string]int{}
	seen := map[string]bool{}
	for _, c := range verdictCases(t) {
		v := g.Judge(c.text)
		right := map[string]bool{
			"blocked":   v.Blocked,
			"uncertain": v.Uncertain,
			"passes":    !v.Blocked && !v.Uncertain,
			"unblocked": !v.Blocked,
		}[c.want]
		reasoned := c.rule == "*" || c.rule == "-" && len(v.Reasons) == 0 || slices.Contains(v.Names(), c.rule)
		if !right || !reasoned {
			t.Errorf("line %d: %+q: got %.2f %v, want %s with %s", c.line, c.text, v.Score, v.Names(), c.want, c.rule)
		}
		if seen[c.text] {
			t.Errorf("line %d: %+q is there twice", c.line, c.text)
		}
		seen[c.text] = true
		count[c.want]++
	}
	if count["blocked"] < 150 || count["passes"] < 400 {
		t.Errorf("only %d texts that are to be blocked and %d that are to pass", count["blocked"], count["passes"])
	}
}
