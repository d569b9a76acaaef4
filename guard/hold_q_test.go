package guard_test

import (
	"os"
	"strings"
	"testing"
)

func TestHoldQ(t *testing.T) {
	path := os.Getenv("HOLDQ")
	if path == "" {
		t.Skip()
	}
	data, _ := os.ReadFile(path)
	g := serversGuard(t)
	for line := range strings.Lines(string(data)) {
		kind, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		text = strings.ReplaceAll(text, `\n`, "\n")
		v := g.Judge(text)
		if v.Blocked != (kind == "B") || kind == "G" && v.Uncertain {
			t.Logf("%s %q %.2f %v", kind, text, v.Score, v.Names())
		}
	}
}
