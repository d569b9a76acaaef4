package guard_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"chainmail/guard"
)

// head begins a policy in tests; its first rule stands in line 4.
const head = "version: 1\nthresholds: {block: 0.8, uncertain: 0.4}\nrules:\n"

// rule is a correct rule in one line.
const aRule = "  - {name: a_rule, message: No., weight: 0.5, any: [bad word]}\n"

// Each mistake is refused with its line and a reason that says what to do.
func TestParsePolicyRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, policy, want string }{
		{"empty", "", "the policy is empty"},
		{"not UTF-8", "version: 1 # \xff\n", "the policy is not UTF-8: save it in that encoding"},
		{"comment only", "# nothing\n", "the policy is empty"},
		{"broken YAML", head + "  - {name: a\n", "line 4: not YAML here or in what begins here: did not find expected ',' or '}'"},
		{"tab", "version: 1\nthresholds:\n\tblock: 1\n", "line 3: not YAML: found character that cannot start any token"},
		{"a list", "- a\n", "line 1: the policy must be a mapping of keys to values"},
		{"two documents", head + aRule + "---\nversion: 1\n", "line 5: a second document begins here: a policy is one"},
		{"unknown key", "versoin: 1\n", `line 1: the policy has no key "versoin"; it may have version, thresholds, weights, classifier, terms, brands, lists, exceptions, rules`},
		{"key twice", "version: 1\nversion: 1\n", `line 2: the policy has the key "version" twice`},
		{"no version", "thresholds: {block: 1, uncertain: 0}\n", `line 1: version must be 1, the only one there is, not ""`},
		{"another version", "version: 2\nthresholds: {block: 1, uncertain: 0}\n", `line 1: version must be 1, the only one there is, not "2"`},
		{"no thresholds", "version: 1\n", "line 1: thresholds are missing: give block and uncertain"},
		{"block at 0", "version: 1\nthresholds: {block: 0, uncertain: 0}\n", "line 2: thresholds.block must be above 0, or every message would be blocked"},
		{"thresholds exchanged", "version: 1\nthresholds: {block: 0.4, uncertain: 0.8}\n", "line 2: thresholds.uncertain is 0.8, above thresholds.block, which is 0.4"},
		{"threshold no number", "version: 1\nthresholds: {block: high, uncertain: 0}\n", `line 2: thresholds.block must be a number from 0 to 1, not "high"`},
		{"weight of a stage", "version: 1\nthresholds: {block: 1, uncertain: 0}\nweights: {rules: 2}\n", `line 3: weights.rules must be a number from 0 to 1, not "2"`},
		{"not a number", "version: 1\nthresholds: {block: 1, uncertain: 0}\nweights: {rules: .nan}\n", `line 3: weights.rules must be a number from 0 to 1, not ".nan"`},
		{"alias", "version: 1\nthresholds: &t {block: 1, uncertain: 0}\n", "line 2: thresholds must be a mapping of keys to values"},
		{"rules no list", "version: 1\nthresholds: {block: 1, uncertain: 0}\nrules: {}\n", "line 3: rules must be a list"},
		{"rule no mapping", head + "  - a\n", "line 4: a rule must be a mapping with name, message and weight"},
		{"no name", head + "  - {message: No., weight: 1, any: [bad]}\n", "line 4: a rule has no name"},
		{"bad name", head + "  - {name: A-B, message: No., weight: 1, any: [bad]}\n", `line 4: rule "A-B": a name is lower-case words of a-z and 0-9 with _ between, at most 64 bytes`},
		{"name of a stage", head + "  - {name: language_model, message: No., weight: 1, any: [bad]}\n", `line 4: rule "language_model": this name is taken by a stage of the guard`},
		{"name twice", head + aRule + aRule, `line 5: rule "a_rule" is there already: names must differ`},
		{"no message", head + "  - {name: a, weight: 1, any: [bad]}\n", `line 4: rule "a" has no message: say to the sender what is wrong`},
		{"empty message", head + "  - {name: a, message: '', weight: 1, any: [bad]}\n", `line 4: rule "a": message must not be empty`},
		{"long message", head + "  - {name: a, message: " + strings.Repeat("x", 501) + ", weight: 1, any: [bad]}\n", `line 4: rule "a": message has 501 bytes; at most 500 are allowed`},
		{"no weight", head + "  - {name: a, message: No., any: [bad]}\n", `line 4: rule "a" has no weight`},
		{"weight too big", head + "  - {name: a, message: No., weight: 1.5, any: [bad]}\n", `line 4: rule "a": weight must be a number from 0 to 1, not "1.5"`},
		{"no condition", head + "  - {name: a, message: No., weight: 1}\n", `line 4: rule "a" has no condition: give any, links, addresses or disguise`},
		{"unless alone", head + "  - {name: a, message: No., weight: 1, links: {kinds: [any]}, unless: [bad]}\n", `line 4: rule "a": unless takes matches of any away, and there is no any`},
		{"unknown key of a rule", head + "  - {name: a, message: No., wieght: 1, any: [bad]}\n", `line 4: rule "a" has no key "wieght"; it may have name, message, weight, any, requires, unless, links, addresses, disguise`},
		{"bad expression", head + "  - {name: a, message: No., weight: 1, any: ['bad(']}\n", "line 4: rule \"a\": any: not a regular expression: missing closing ): `bad(`"},
		{"no literal", head + "  - name: a\n    message: No.\n    weight: 1\n    any:\n      - bad\n      - '\\w+ \\d+'\n", `line 9: rule "a": any: the regular expression \w+ \d+ can match without any fixed text of 3 letters, so it would run on every message: name the words that must be there`},
		{"matches nothing", head + "  - {name: a, message: No., weight: 1, any: ['(bad)?']}\n", `line 4: rule "a": any: the regular expression matches the empty text`},
		{"huge expression", head + "  - {name: a, message: No., weight: 1, any: ['bad" + strings.Repeat("x", 2000) + "']}\n", `line 4: rule "a": any: a regular expression of 2003 bytes; at most 2000 are allowed`},
		{"huge program", head + "  - {name: a, message: No., weight: 1, any: ['bad" + strings.Repeat(`\w{900}`, 6) + "']}\n", `line 4: rule "a": any: the regular expression compiles to `},
		{"lookahead", head + "  - {name: a, message: No., weight: 1, any: ['bad(?=x)']}\n", "line 4: rule \"a\": any: not a regular expression: invalid or unsupported Perl syntax: `(?=`"},
		{"unknown view", head + "  - {name: a, message: No., weight: 1, any: [{in: title, regex: bad}]}\n", `line 4: rule "a": any: in is one of text, folded, joined, original, bare, not "title"`},
		{"unknown term", head + "  - {name: a, message: No., weight: 1, any: ['bad {coins}']}\n", `line 4: rule "a": any: there is no term {coins}`},
		{"bad term", "version: 1\nthresholds: {block: 1, uncertain: 0}\nterms:\n  coin: '['\n", "line 4: term coin: not a regular expression: missing closing ]: `[`"},
		{"bad name of a term", "version: 1\nthresholds: {block: 1, uncertain: 0}\nterms:\n  C: 'x'\n", `line 4: term "C": a name has three letters a-z or more`},
		{"unknown trick", head + "  - {name: a, message: No., weight: 1, disguise: [smoke]}\n", `line 4: rule "a": disguise: no trick is named "smoke"; there are invisible, stacked, bidi, homoglyphs, styled, encoded, leet, spaced, hidden`},
		{"unknown kind of link", head + "  - {name: a, message: No., weight: 1, links: {kinds: [bad]}}\n", `line 4: rule "a": links.kinds: no kind of link is named "bad"; there are any, ip, foreign, disguised, imitation`},
		{"empty links", head + "  - {name: a, message: No., weight: 1, links: {}}\n", `line 4: rule "a": links is empty: give kinds, hosts, tlds or lists`},
		{"host with path", head + "  - {name: a, message: No., weight: 1, links: {hosts: ['https://evil.example/x']}}\n", `line 4: rule "a": links.hosts: "https://evil.example/x" is not a host's name: write it alone, without https:// and path; what lies below it is meant too`},
		{"host without dot", head + "  - {name: a, message: No., weight: 1, links: {hosts: [com]}}\n", `line 4: rule "a": links.hosts: "com" has no dot: a whole top-level domain can't be listed here`},
		{"undeclared list", head + "  - {name: a, message: No., weight: 1, links: {lists: [bad]}}\n", `line 4: rule "a": links.lists: no list of domains is named "bad"`},
		{"list of another kind", "version: 1\nthresholds: {block: 1, uncertain: 0}\nlists: [{name: bad, kind: domains, file: f}]\nrules:\n  - {name: a, message: No., weight: 1, addresses: [bad]}\n", `line 5: rule "a": addresses: no list of addresses is named "bad"`},
		{"list of no kind", "version: 1\nthresholds: {block: 1, uncertain: 0}\nlists: [{name: bad, kind: urls, file: f}]\n", `line 3: list bad: kind is domains or addresses, not "urls"`},
		{"list without file", "version: 1\nthresholds: {block: 1, uncertain: 0}\nlists: [{name: bad, kind: domains}]\n", "line 3: list bad names no file"},
		{"list elsewhere", "version: 1\nthresholds: {block: 1, uncertain: 0}\nlists: [{name: bad, kind: domains, file: /etc/bad.txt}]\n", `line 3: list bad: file "/etc/bad.txt" must lie beside the policy or below it: lists/name.txt`},
		{"list twice", "version: 1\nthresholds: {block: 1, uncertain: 0}\nlists:\n  - {name: bad, kind: domains, file: f}\n  - {name: bad, kind: domains, file: g}\n", "line 5: list bad is there already: names must differ"},
		{"brand without hosts", "version: 1\nthresholds: {block: 1, uncertain: 0}\nbrands: [{words: [examplebank]}]\n", "line 3: a brand needs words and hosts"},
		{"short word of a brand", "version: 1\nthresholds: {block: 1, uncertain: 0}\nbrands: [{words: [okx], hosts: [okx.com]}]\n", `line 3: words: "okx": a brand's word has 5 letters at least, without dots and blanks`},
		{"too big", "# " + strings.Repeat("x", guard.MaxPolicyBytes), "the policy has 262146 bytes; at most 262144 are allowed: move long lists to files of their own (lists)"},
		{"too many rules", head + manyRules(guard.MaxRules+1), "line 4: rules has 1001 items; at most 1000 are allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := guard.ParsePolicy([]byte(test.policy))
			var mistake *guard.PolicyError
			if !errors.As(err, &mistake) || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func manyRules(n int) string {
	var rules strings.Builder
	for i := range n {
		fmt.Fprintf(&rules, "  - {name: r%d, message: No., weight: 0.5, any: [bad word %d]}\n", i, i)
	}
	return rules.String()
}

// The most rules that are allowed are accepted, and each is found.
func TestParsePolicyAtItsLimit(t *testing.T) {
	t.Parallel()
	g := guardOf(t, head+manyRules(guard.MaxRules))
	if got := g.Judge("a bad word 999").Names(); !slices.Equal(got, []string{"r9", "r99", "r999"}) {
		t.Errorf("got %v, want r9, r99, r999", got)
	}
}

// Expressions that are small alone are refused when together they are too much to hold.
func TestParsePolicyBoundsAllExpressionsTogether(t *testing.T) {
	t.Parallel()
	var rules strings.Builder
	for i := range 60 {
		fmt.Fprintf(&rules, "  - {name: r%d, message: No., weight: 0.5, any: ['bad%s']}\n", i, strings.Repeat(`\w{900}`, 4))
	}
	_, err := guard.ParsePolicy([]byte(head + rules.String()))
	if err == nil || !strings.Contains(err.Error(), "all of them together compile to more than") {
		t.Errorf("got %v", err)
	}
}

// The hash is that of the file's bytes; a comment makes it another policy.
func TestPolicyHash(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(guard.Shipped())
	if got, want := shippedGuard(t).Policy().Hash(), hex.EncodeToString(sum[:]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What a caller does to the shipped bytes does not reach the next one.
func TestShippedIsACopy(t *testing.T) {
	t.Parallel()
	guard.Shipped()[0] = '!'
	if guard.Shipped()[0] == '!' {
		t.Error("the shipped policy was changed")
	}
}

// Lists are read from beside the policy; what is wrong with one is said with file and line.
func TestReadLists(t *testing.T) {
	t.Parallel()
	policy := "version: 1\nthresholds: {block: 0.8, uncertain: 0.4}\nlists:\n  - {name: bad, kind: domains, file: lists/bad.txt}\n" +
		"rules:\n  - {name: listed, message: No., weight: 0.9, links: {lists: [bad]}}\n"
	p, err := guard.ParsePolicy([]byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	lists, err := p.ReadLists(fstest.MapFS{"lists/bad.txt": {Data: []byte("# reported\nevil.example # by many\n")}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(p, nil, lists...)
	if err != nil {
		t.Fatal(err)
	}
	if v := g.Judge("see https://www.evil.example/x"); !v.Blocked {
		t.Error("not blocked:", v)
	}
	if v := g.Judge("see https://good.example/x"); v.Score != 0 {
		t.Error("counts:", v)
	}
	if _, err := p.ReadLists(fstest.MapFS{}); err == nil || err.Error() != "line 4: list bad: open lists/bad.txt: file does not exist" {
		t.Error("missing:", err)
	}
	if _, err := p.ReadLists(fstest.MapFS{"lists/bad.txt": {Data: []byte("a.example\nb example\n")}}); err == nil || !strings.HasPrefix(err.Error(), "list bad: lists/bad.txt: line 2: ") {
		t.Error("broken:", err)
	}
	if _, err := guard.New(p, nil); err == nil || err.Error() != "line 4: list bad of domains is not there" {
		t.Error("without lists:", err)
	}
}

// Load names the file in each error.
func TestLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if _, _, err := guard.Load(path, nil); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	write(t, path, head+"  - {name: a}\n")
	if _, _, err := guard.Load(path, nil); err == nil || err.Error() != "guard policy "+path+`: line 4: rule "a" has no message: say to the sender what is wrong` {
		t.Error(err)
	}
	write(t, path, head+aRule)
	g, data, err := guard.Load(path, nil)
	if err != nil || string(data) != head+aRule || g.Describe().Policy != g.Policy().Hash() {
		t.Error(err, string(data))
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The example in the documentation is a policy.
func TestDocumentedPolicy(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/guard.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	if _, err := guard.ParsePolicy([]byte(example)); err != nil || example == "" {
		t.Error(err)
	}
}
