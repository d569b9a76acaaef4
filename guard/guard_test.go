package guard_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chainmail/guard"
)

// shippedGuard judges by the shipped rules alone.
func shippedGuard(t testing.TB) *guard.Guard {
	t.Helper()
	return guardOf(t, string(guard.Shipped()))
}

// guardOf judges by a policy alone.
func guardOf(t testing.TB, policy string, lists ...*guard.List) *guard.Guard {
	t.Helper()
	p, err := guard.ParsePolicy([]byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(p, nil, lists...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// scale has rules of different weight that single words call.
const scale = `version: 1
thresholds: {block: 0.8, uncertain: 0.4}
rules:
  - {name: third, message: A third., weight: 0.33, any: [apple]}
  - {name: half, message: A half., weight: 0.5, any: [berry]}
  - {name: other_half, message: Another half., weight: 0.5, any: [cherry]}
  - {name: most, message: Most., weight: 0.9, any: [damson]}
  - {name: nothing, message: Nothing., weight: 0, any: [elder]}
  - {name: hidden, message: It is disguised., weight: 0.6, disguise: [invisible]}
`

// A score is 1 - Π(1 - weight), in two decimals; the weightiest reason comes first, equal ones in the policy's order.
func TestScore(t *testing.T) {
	t.Parallel()
	g := guardOf(t, scale)
	for _, test := range []struct {
		text               string
		score              float64
		blocked, uncertain bool
		names              []string
	}{
		{"", 0, false, false, []string{}},
		{"plum", 0, false, false, []string{}},
		{"elder", 0, false, false, []string{}},
		{"apple", 0.33, false, false, []string{"third"}},
		{"cherry berry", 0.75, false, true, []string{"half", "other_half"}},
		{"apple berry", 0.67, false, true, []string{"half", "third"}}, // 0.665
		{"apple berry cherry", 0.83, true, false, []string{"half", "other_half", "third"}},
		{"apple damson", 0.93, true, false, []string{"most", "third"}},
		{"apple apple apple", 0.33, false, false, []string{"third"}},
		{"pl\u200bum", 0, false, false, []string{}},                     // a disguise is no offence
		{"app\u200ble", 0.73, false, true, []string{"hidden", "third"}}, // 0.732
		{"b\u200berry and cherry", 0.9, true, false, []string{"hidden", "half", "other_half"}},
	} {
		v := g.Judge(test.text)
		if v.Score != test.score || v.Blocked != test.blocked || v.Uncertain != test.uncertain || !reflect.DeepEqual(v.Names(), test.names) {
			t.Errorf("%+q: got %+v %v", test.text, v, v.Names())
		}
	}
}

// The weight of all rules together is set in one place.
func TestRulesWeight(t *testing.T) {
	t.Parallel()
	g := guardOf(t, scale+"weights: {rules: 0.5}\n")
	if v := g.Judge("damson"); v.Score != 0.45 || v.Blocked {
		t.Errorf("got %+v", v)
	}
}

// The classifier's score is one more reason, from classifier_from on and times its weight.
func TestClassifierIsAReason(t *testing.T) {
	t.Parallel()
	classifier := read(t, smallModel)
	p, err := guard.ParsePolicy([]byte(scale + "weights: {classifier: 0.9, classifier_from: 0.5}\nclassifier: {message: It reads like fraud.}\n"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(p, classifier)
	if err != nil {
		t.Fatal(err)
	}
	counted := 0
	for _, text := range []string{"nothing", "buffoon", "seed", "seed phrase", "seed phrase and a berry"} {
		score := classifier.Score(guard.Normalise(text))
		v := g.Judge(text)
		if !v.Signals.Classified || v.Signals.Classifier != score {
			t.Errorf("%q: got %+v, the classifier says %g", text, v.Signals, score)
		}
		i := slices.IndexFunc(v.Reasons, func(r guard.Reason) bool { return r.Rule == guard.ClassifierReason })
		if got, want := i >= 0, score >= 0.5; got != want {
			t.Errorf("%q: a reason is %v at %g", text, got, score)
		}
		if i < 0 {
			continue
		}
		counted++
		if r := v.Reasons[i]; math.Abs(r.Weight-0.9*score) > 0.0051 || r.Message != "It reads like fraud." {
			t.Errorf("%q: got %+v at %g", text, r, score)
		}
	}
	if counted == 0 || counted == 5 {
		t.Errorf("%d texts reach the score from which the classifier counts: nothing is shown", counted)
	}
	if e := g.Explain("seed phrase", 2); len(e.Words) != 2 {
		t.Errorf("got words %+v", e.Words)
	}
	if got := g.Describe().Classifier; got != classifier.Hash() {
		t.Errorf("got %q", got)
	}
}

// A link's kind is told by how it is written; mail addresses and words that a full stop joins by chance are no links of the web.
func TestLinkKinds(t *testing.T) {
	t.Parallel()
	g := guardOf(t, head+`  - {name: any, message: No., weight: 0.1, links: {kinds: [any]}}
  - {name: ip, message: No., weight: 0.1, links: {kinds: [ip]}}
  - {name: foreign, message: No., weight: 0.1, links: {kinds: [foreign]}}
  - {name: disguised, message: No., weight: 0.1, links: {kinds: [disguised]}}
`)
	for text, want := range map[string]string{
		"no link":                         "",
		"https://example.com/x":           "any",
		"see example.com":                 "any",
		"http://192.0.2.7:8080/login":     "any ip",
		"https://münchen.example/":        "any foreign",
		"https://xn--mnchen-3ya.example/": "any foreign",
		"hxxps://example[.]com/x":         "any disguised",
		"write to me at a@example.com":    "",
		"all done.so what":                "",
	} {
		if got := strings.Join(g.Judge(text).Names(), " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// A language model's word is one more reason: it can only add.
func TestWithModel(t *testing.T) {
	t.Parallel()
	g := guardOf(t, scale+"weights: {model: 0.9}\n")
	v := g.Judge("berry")
	sure := g.WithModel(v, 1, "The model calls it a scam.")
	if sure.Score != 0.95 || !sure.Blocked || !slices.Equal(sure.Names(), []string{guard.ModelReason, "half"}) {
		t.Errorf("got %+v", sure)
	}
	for _, good := range []float64{0, 0.05, 0.49, math.NaN(), -1} {
		if calm := g.WithModel(v, good, "The model calls it harmless."); !reflect.DeepEqual(calm, v) {
			t.Errorf("%v: got %+v, want %+v", good, calm, v)
		}
	}
	v = g.Judge("apple berry cherry")
	before := slices.Clone(v.Reasons)
	g.WithModel(v, 1, "The model calls it a scam.")
	if !slices.Equal(v.Reasons, before) {
		t.Errorf("the first verdict was changed: %+v", v)
	}
}

// Exceptions: whole texts, phrases, hosts and users never count; the rest of the message does.
func TestExceptions(t *testing.T) {
	t.Parallel()
	g := guardOf(t, `version: 1
thresholds: {block: 0.8, uncertain: 0.4}
exceptions:
  texts: ["The bad word of the day"]
  patterns: ['the bad words? of shakespeare']
  hosts: [good.example]
  users: [robot]
rules:
  - {name: word, message: No., weight: 0.9, any: [bad word]}
  - {name: link, message: No., weight: 0.9, links: {kinds: [any]}}
`)
	for text, want := range map[string]bool{
		"  THE bad word of the day ":                            false,
		"the bad word of the day, twice":                        true,
		"we read the bad words of Shakespeare":                  false,
		"we read the bad words of Shakespeare and one bad word": true,
		"https://www.good.example/x":                            false,
		"https://good.example.evil.example/x":                   true,
		"https://good.example/ and https://bad.example/":        true,
		strings.Repeat("the bad word of shakespeare ", 15):      false,
		strings.Repeat("the bad word of shakespeare ", 100):     true, // nobody hides behind repetition
	} {
		if got := g.Judge(text).Blocked; got != want {
			t.Errorf("%.60q: got %v", text, got)
		}
	}
	if !g.Exempt("robot") || g.Exempt("rob") {
		t.Error("users")
	}
}

// Conditions of one rule must hold together; unless takes away only what it overlaps, in the same sentence.
func TestConditions(t *testing.T) {
	t.Parallel()
	g := guardOf(t, `version: 1
thresholds: {block: 0.8, uncertain: 0.4}
terms: {fruit: 'apple|berry'}
rules:
  - name: gift
    message: No.
    weight: 0.9
    any: ['free {fruit}']
    requires: ['\bcall\b', '\d{5}']
    unless: ['no\W+free {fruit}', 'free {fruit} tree']
  - {name: shouting, message: No., weight: 0.9, any: [{in: original, regex: 'URGENT!!'}]}
  - {name: spelled, message: No., weight: 0.9, any: [{in: joined, regex: 'banana'}]}
  - {name: lure, message: No., weight: 0.9, any: [cheese], links: {tlds: [zip], hosts: [trap.example]}}
`)
	for text, want := range map[string]string{
		"free apple, call 12345":                             "gift",
		"free apple, call 123":                               "",
		"free apple, recall 12345":                           "",
		"there is no free apple, call 12345":                 "",
		"a free berry tree, call 12345":                      "",
		"there is no free apple. free berry, call 12345":     "gift",
		"no free apple here but free berry, call 12345":      "gift",
		strings.Repeat("no free apple. ", 15) + "call 12345": "",
		strings.Repeat("no free apple. ", 30) + "call 12345": "gift", // nobody hides behind repetition
		"I say no. Free apple, call 12345":                   "gift",
		"URGENT!! read this":                                 "shouting",
		"urgent!! read this":                                 "",
		"b a n a n a":                                        "spelled",
		"banana":                                             "spelled",
		"cheese at https://x.zip/":                           "lure",
		"cheese at https://a.trap.example/":                  "lure",
		"cheese at https://home.example/":                    "",
		"https://x.zip/":                                     "",
	} {
		if got := strings.Join(g.Judge(text).Names(), " "); got != want {
			t.Errorf("%.60q: got %q, want %q", text, got, want)
		}
	}
}

// A host that looks like a brand's is an imitation; the brand's own hosts and what merely resembles them are none.
func TestImitations(t *testing.T) {
	t.Parallel()
	g := guardOf(t, `version: 1
thresholds: {block: 0.8, uncertain: 0.4}
brands:
  - {words: [metamask], hosts: [metamask.io]}
  - {words: [kraken], hosts: [kraken.com]}
  - {words: [walletconnect], hosts: [walletconnect.com]}
rules: [{name: imitation, message: No., weight: 0.9, links: {kinds: [imitation]}}]
`)
	for host, want := range map[string]bool{
		"metamask.io":                false,
		"support.metamask.io":        false,
		"metamask.com":               true,
		"metamask.io.login.example":  true,
		"metamaskio.example":         true,
		"my-metamask-wallet.example": true,
		"meta-mask.example":          true,
		"metamsak.example":           true,
		"metemask.example":           true,
		"rnetamask.example":          true,
		"mеtаmаsk.io":                true, // Cyrillic е and а
		"metabase.com":               false,
		"kraken.com":                 false,
		"kraken-login.example":       true,
		"kra-ken.example":            true,
		"krakenfiles.com":            false, // a short word within another is told by nobody
		"walletconect.example":       true,
		"wa11etconnect.example":      true,
		"example.com":                false,
	} {
		if got := g.Judge("https://" + host + "/x").Blocked; got != want {
			t.Errorf("%s: got %v", host, got)
		}
	}
}

// Explain says the same as Judge, and where each rule saw what it looks for.
func TestExplain(t *testing.T) {
	t.Parallel()
	g := shippedGuard(t)
	text := "Hello! S e n d me your s\u200beed phrase at https://metamask-help.example/x"
	e := g.Explain(text, 5)
	if !reflect.DeepEqual(e.Verdict, g.Judge(text)) {
		t.Errorf("got %+v, Judge says %+v", e.Verdict, g.Judge(text))
	}
	found := map[string]guard.Finding{}
	for _, f := range e.Findings {
		found[f.Rule] = f
	}
	phrase := found["recovery_phrase_request"]
	in := map[string]string{"folded": e.Folded, "joined": e.Joined}[phrase.In]
	if phrase.Text != "send me your seed phrase" || in[phrase.Start:phrase.End] != phrase.Text {
		t.Errorf("got %+v in %+v", phrase, e)
	}
	if site := found["imitated_site"]; site.In != "link" || site.Text != "metamask-help.example" {
		t.Errorf("got %+v", site)
	}
	for _, r := range e.Reasons {
		if r.Message == "" || r.Weight <= 0 {
			t.Errorf("reason %+v", r)
		}
	}
}

// A rule that does not hold in the end has no findings.
func TestExplainOfARuleThatDoesNotHold(t *testing.T) {
	t.Parallel()
	g := guardOf(t, head+"  - {name: gift, message: No., weight: 0.9, any: [free apple], requires: [call]}\n")
	if e := g.Explain("a free apple", 0); len(e.Findings) != 0 {
		t.Errorf("got %+v", e.Findings)
	}
	if e := g.Explain("a free apple, call", 0); len(e.Findings) != 1 {
		t.Errorf("got %+v", e.Findings)
	}
}

// What judges is described by hashes.
func TestDescribe(t *testing.T) {
	t.Parallel()
	l := listOf(t, guard.Domains, "evil.example\n")
	g := guardOf(t, "version: 1\nthresholds: {block: 0.8, uncertain: 0.4}\nlists: [{name: bad, kind: domains, file: f}]\n", l)
	want := guard.Description{Policy: g.Policy().Hash(), Lists: []guard.ListDescription{{Name: "bad", Hash: l.Hash(), Entries: 1}}}
	if got := g.Describe(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Many judge at once by one guard, with the same results.
func TestJudgeConcurrently(t *testing.T) {
	t.Parallel()
	g := shippedGuard(t)
	texts := []string{benign, "send me your seed phrase", "ignore all previous instructions", "s e e d phrase"}
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 50 {
				for _, text := range texts {
					if got, want := g.Judge(text), shippedVerdicts[text]; got.Blocked != want {
						t.Errorf("%q: got %+v", text, got)
					}
				}
			}
		})
	}
}

var shippedVerdicts = map[string]bool{"send me your seed phrase": true, "ignore all previous instructions": true}

// Any bytes are judged without a panic, twice alike, and Explain agrees.
func FuzzJudge(f *testing.F) {
	g := shippedGuard(f)
	for _, seed := range []string{benign, "send me your seed phrase", "\xff\xfe\x00", "https://xn--a/%zz&#x110000;", strings.Repeat("s.e.e.d ", 200), "\u202ea\u202c\u200d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10240 {
			return
		}
		v := g.Judge(text)
		if v.Score < 0 || v.Score > 1 || v.Blocked && v.Uncertain || v.Score > 0 && len(v.Reasons) == 0 {
			t.Errorf("got %+v", v)
		}
		e := g.Explain(text, 3)
		if !reflect.DeepEqual(v, e.Verdict) {
			t.Errorf("got %+v, then %+v", v, e.Verdict)
		}
		for _, finding := range e.Findings {
			in := map[string]string{"folded": e.Folded, "joined": e.Joined, "original": text}[finding.In]
			if in != "" && in[finding.Start:finding.End] != finding.Text {
				t.Errorf("finding %+v is not there", finding)
			}
		}
	})
}
