package guard

import (
	"regexp"
	"regexp/syntax"
	"testing"
)

// What the tree says of the empty text is what the compiled expression does with it.
func TestMatchesEmpty(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{
		"", "a", "a?", "a*", "a+", "(a?)+", "(a+)?", "a{0,2}", "a{2}", "(a?){2}", "(a|)", "a|b?", "a|b", "a?b?", "a?b", "()", "(?:)",
		"^$", `^`, `\A\z`, `\b`, `\B`, `\b?`, "(?m)^$", ".", "(?s).", `[^\x00-\x{10FFFF}]`, `[^\x00-\x{10FFFF}]?`, "^a?$", "(^|a)b*",
	} {
		tree, err := syntax.Parse(expression, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := matchesEmpty(tree.Simplify()), regexp.MustCompile(expression).MatchString(""); got != want {
			t.Errorf("%q: got %v, want %v", expression, got, want)
		}
	}
}
