package guard

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chainmail/internal/racetest"
)

// Tried only where it may begin, an expression finds what it finds when it is tried everywhere.
func TestStartsFindTheSame(t *testing.T) {
	t.Parallel()
	racetest.InFull(t)
	p, err := ParsePolicy(shipped)
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for _, pattern := range p.patterns {
		if pattern.starts == nil {
			continue
		}
		tested++
		matches := rapid.StringMatching(pattern.expression().String())
		for seed := range 10 {
			match := strings.ToLower(matches.Example(seed))
			for _, text := range []string{match, "a" + match, "é" + match + "_", match[1:] + " " + match, match[:len(match)/2] + "\n" + match, "\xff" + match, strings.Repeat(match[:len(match)-1]+" ", 12) + match} {
				if got, want := pattern.starts.find(pattern.expression, text), pattern.expression().FindStringIndex(text); !slices.Equal(got, want) {
					t.Errorf("%s in %q: got %v, want %v", pattern.expression(), text, got, want)
				}
			}
		}
	}
	if tested < 60 {
		t.Errorf("only %d expressions have starts", tested)
	}
}
