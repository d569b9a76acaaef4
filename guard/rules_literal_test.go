package guard

import (
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chainmail/internal/racetest"
)

// What a text must hold is worked out of an expression as far as it is told there.
func TestNeed(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"seed":                            "seed",
		"Seed":                            "seed",
		"(?i)seed":                        "seed",
		`\bseed\b`:                        "|seed|",
		`seeds?`:                          "seed/seeds",
		`se+d`:                            "-",
		`(?:seed|recovery) phrase`:        "seed phrase/recovery phr",
		`\b(?:send|give)\b.{0,9}\bseed\b`: "(|send|/|give| & |seed|)",
		`(?:send.*seed|give.*word)`:       "((send & seed) or (give & word))",
		`ab|seed`:                         "-",
		`\bab\b|seed`:                     "|ab|/seed",
		`.*`:                              "-",
		`(?:seed)?`:                       "-",
		`[ab]cd`:                          "acd/bcd",
		`[a-z]cde`:                        "cde",
		`(?:seed)+ here`:                  "(seed &  here)",
		`\d+ pounds`:                      "(0/1/2/3/4/5/6/7/8/9 &  pounds)",
		`(?i)кл`:                          "КЛ/Кл/кЛ/кл",
		`ключ`:                            "ключ",
		`x\bfoo`:                          "xfoo",
		`foo\b bar`:                       "foo bar",
	} {
		tree, err := syntax.Parse(expression, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := show(make(learner).of(tree.Simplify()).need()); got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
}

// show writes a need, with | for the edge of a word.
func show(n *need) string {
	join := func(parts []*need, word string) string {
		texts := make([]string, len(parts))
		for i, part := range parts {
			texts[i] = show(part)
		}
		return "(" + strings.Join(texts, word) + ")"
	}
	switch {
	case n == nil:
		return "-"
	case n.all != nil:
		return join(n.all, " & ")
	case n.one != nil:
		return join(n.one, " or ")
	}
	return strings.ReplaceAll(strings.Join(n.literals, "/"), edge, "|")
}

// No match is missed: whatever a shipped expression matches, wherever it stands, the scanner lets through to it.
func TestScannerMissesNoMatch(t *testing.T) {
	t.Parallel()
	racetest.InFull(t)
	p, err := ParsePolicy(shipped)
	if err != nil {
		t.Fatal(err)
	}
	literals, patterns := newBitset(len(p.scanner.literals)), newBitset(len(p.patterns))
	around := []string{"", " ", "a", "hello ", "\n", "é", "_"}
	tested := 0
	for id, pattern := range p.patterns {
		if pattern.need == nil {
			continue
		}
		matches := rapid.StringMatching(pattern.expression().String())
		for seed := range 2 * len(around) {
			text := around[seed%len(around)] + matches.Example(seed) + around[seed*3%len(around)]
			if !pattern.expression().MatchString(text) {
				continue // what stands around it took an edge away
			}
			tested++
			clear(literals)
			clear(patterns)
			p.scanner.scan(paddedOf(text), literals, patterns)
			if !patterns.has(int32(id)) || !p.scanner.needs[id].met(literals) {
				t.Errorf("%s matches %q, and does not run on it", pattern.expression(), text)
			}
		}
	}
	if tested < len(p.patterns) {
		t.Errorf("only %d texts for %d expressions", tested, len(p.patterns))
	}
}

// The scanner finds the same literals as a search for each one alone.
func TestScannerFindsEachLiteral(t *testing.T) {
	t.Parallel()
	words := []string{"he", "she", "his", "hers", "us", "user", "hershe", "aaa", "aaaa", "ключ"}
	var patterns []pattern
	for _, word := range words {
		patterns = append(patterns, pattern{need: &need{literals: []string{word}}}, pattern{need: &need{literals: []string{edge + word + edge}}})
	}
	s := newScanner(patterns)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("heirsuaHSE кчлю")), 0, 40, -1).Draw(t, "text")
		found := newBitset(len(patterns))
		s.scan(paddedOf(text), newBitset(len(s.literals)), found)
		for i, word := range words {
			lower := lowerLetters(text)
			if got, want := found.has(int32(2*i)), strings.Contains(lower, word); got != want {
				t.Fatalf("%q in %q: got %v", word, text, got)
			}
			apart := strings.FieldsFunc(lower, func(r rune) bool { return !('a' <= r && r <= 'z') })
			if got, want := found.has(int32(2*i+1)), slices.Contains(apart, word); word[0] < 128 && got != want {
				t.Fatalf("%q as a word of %q: got %v", word, text, got)
			}
		}
	})
}

// The distance counts exchanged neighbours as one edit.
func TestEditsWithin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b  string
		edits int
	}{
		{"kraken", "kraken", 0}, {"krakem", "kraken", 1}, {"kraen", "kraken", 1}, {"kraaken", "kraken", 1}, {"karken", "kraken", 1},
		{"krkaen", "kraken", 1}, {"kraknee", "kraken", 2}, {"", "abc", 3}, {"metamask", "binance", 8},
	} {
		for limit := range 4 {
			if got, want := editsWithin(test.a, test.b, limit), test.edits <= limit; got != want {
				t.Errorf("%q %q within %d: got %v", test.a, test.b, limit, got)
			}
		}
	}
}

func paddedOf(text string) *padded {
	var p padded
	p.set(text, false)
	return &p
}
