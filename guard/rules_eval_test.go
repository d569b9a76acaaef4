package guard_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"testing"

	"chainmail/guard"
)

// labelled is one line of the development data.
type labelled struct {
	Text   string `json:"text"`
	Label  string `json:"label"`
	Source string `json:"source"`
}

// tally counts how messages of one kind were judged.
type tally struct{ all, blocked, uncertain int }

func (t *tally) count(v guard.Verdict) {
	t.all++
	if v.Blocked {
		t.blocked++
	}
	if v.Uncertain {
		t.uncertain++
	}
}

// readLabelled reads the messages that CHAINMAIL_GUARD_DATA names, a JSON object a line.
func readLabelled(t *testing.T) []labelled {
	t.Helper()
	path := os.Getenv("CHAINMAIL_GUARD_DATA")
	if path == "" {
		t.Skip("CHAINMAIL_GUARD_DATA names no file of labelled messages")
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []labelled
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m labelled
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	if lines.Err() != nil || len(all) == 0 {
		t.Fatal("no messages in", path, lines.Err())
	}
	return all
}

// The rules alone must find two of five bad messages and block three of 1,000 good ones at most. With -v it prints what each rule and source adds; CHAINMAIL_GUARD_SHOW=RULE
// prints the good messages that a rule had a part in blocking, CHAINMAIL_GUARD_SHOW=missed the bad ones that passed, of the half that may be looked at.
func TestRulesOnLabelledMessages(t *testing.T) {
	g := shippedGuard(t)
	show := os.Getenv("CHAINMAIL_GUARD_SHOW")
	var bad, good tally
	kinds := make(map[string]*tally)
	rules := make(map[string]*[2]int)
	halves := [2][2]tally{}
	for _, m := range readLabelled(t) {
		v := g.Judge(m.Text)
		benign := m.Label == "benign"
		side, index := &bad, 1
		if benign {
			side, index = &good, 0
		}
		side.count(v)
		half := halfOf(m.Text)
		halves[half][index].count(v)
		kind := m.Source + " " + m.Label
		if kinds[kind] == nil {
			kinds[kind] = new(tally)
		}
		kinds[kind].count(v)
		for _, name := range v.Names() {
			if rules[name] == nil {
				rules[name] = new([2]int)
			}
			if v.Blocked {
				rules[name][index]++
			}
		}
		if half == 0 && (benign && v.Blocked && (show == "blocked" || slices.Contains(v.Names(), show)) || !benign && !v.Blocked && show == "missed") {
			t.Logf("%.2f %s %v %q", v.Score, kind, v.Names(), m.Text)
		}
	}
	for _, kind := range sortedKeys(kinds) {
		k := kinds[kind]
		t.Logf("%-36s %5d, blocked %5.1f%%, uncertain %5.1f%%", kind, k.all, share(k.blocked, k.all), share(k.uncertain, k.all))
	}
	for _, name := range sortedKeys(rules) {
		t.Logf("%-40s in %4d blocks of bad, %3d of good", name, rules[name][1], rules[name][0])
	}
	for half := range halves {
		t.Logf("half %d: recall %.1f%%, false positives %.2f%%", half, share(halves[half][1].blocked, halves[half][1].all), share(halves[half][0].blocked, halves[half][0].all))
	}
	recall, falsePositives := share(bad.blocked, bad.all), share(good.blocked, good.all)
	t.Logf("rules alone: recall %.1f%%, false positives %.2f%% (%d)", recall, falsePositives, good.blocked)
	if recall < 40 || falsePositives > 0.3 {
		t.Errorf("recall %.1f%%, want 40; false positives %.2f%%, want 0.30 at most", recall, falsePositives)
	}
}

// halfOf parts messages into one half to tune by and one to test by.
func halfOf(text string) int {
	h := fnv.New32a()
	fmt.Fprint(h, text)
	return int(h.Sum32() % 2)
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
