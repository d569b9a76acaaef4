package guard_test

import (
	"bufio"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Each text of testdata/verdicts.txt gets the verdict that stands before it.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	g := shippedGuard(t)
	file, err := os.Open("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	tested := 0
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		tested++
		parts := strings.SplitN(line, " ", 3)
		text, err := strconv.Unquote(parts[2])
		if err != nil {
			t.Fatalf("line %d: %v", number, err)
		}
		want, rule := parts[0], parts[1]
		v := g.Judge(text)
		right := map[string]bool{
			"blocked":   v.Blocked,
			"uncertain": v.Uncertain,
			"passes":    !v.Blocked && !v.Uncertain,
			"unblocked": !v.Blocked,
		}[want]
		reasoned := rule == "*" || rule == "-" && len(v.Reasons) == 0 || slices.Contains(v.Names(), rule)
		if !right || !reasoned {
			t.Errorf("line %d: %+q: got %.2f %v, want %s with %s", number, text, v.Score, v.Names(), want, rule)
		}
	}
	if tested < 100 {
		t.Errorf("only %d texts were tested", tested)
	}
}
