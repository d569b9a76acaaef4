package guard_test

import (
	"os"
	"strings"
	"testing"

	"chainmail/guard"
)

// TestShippedClassifier holds the shipped model against testdata/classifier.tsv.
func TestShippedClassifier(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/classifier.tsv")
	if err != nil {
		t.Fatal(err)
	}
	c := guard.ShippedClassifier()
	n := 0
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		want, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || want != "fine" && want != "bad" {
			t.Fatalf("%q: want fine or bad, a tab and a text", line)
		}
		n++
		normal := guard.Normalise(text)
		score := c.Score(normal)
		if want == "fine" && score >= guard.BlockScore || want == "bad" && score < guard.UncertainScore {
			t.Errorf("%q has a score of %.2f (%s), want it %s: %v", text, score, c.Kind(normal), want, c.Explain(normal, 6))
		}
	}
	if n < 40 {
		t.Errorf("only %d texts", n)
	}
}

// TestDisguiseGainsNothing wants a disguised text to look at least nearly as bad as the plain one.
func TestDisguiseGainsNothing(t *testing.T) {
	t.Parallel()
	const plain = "claim your free prize now"
	c := guard.ShippedClassifier()
	want := c.Score(guard.Normalise(plain)) - 0.15
	for _, text := range []string{
		"clаim уour frее рrizе nоw", "𝓬𝓵𝓪𝓲𝓶 𝔂𝓸𝓾𝓻 𝓯𝓻𝓮𝓮 𝓹𝓻𝓲𝔃𝓮 𝓷𝓸𝔀", "cl41m y0ur fr33 pr1ze n0w", "c\u200blaim your fr\u200bee pri\u200bze now",
		"c l a i m   y o u r   f r e e   p r i z e   n o w", "%63laim your f%72ee pr%69ze now", "c&#108;aim your &#102;ree prize now",
	} {
		if got := c.Score(guard.Normalise(text)); got < want {
			t.Errorf("%q has a score of %.2f, want %.2f at least: %v", text, got, want, guard.Normalise(text).Joined)
		}
	}
}
