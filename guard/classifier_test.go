package guard_test

import (
	"math"
	"strings"
	"sync"
	"testing"

	"chainmail/guard"
)

// smallModel has two heads, one for fraud and one for abuse.
const smallModel = `chainmail text classifier 2
heads fraud abuse
step 0.5
exponent 0
least 1 1 1 1
scale 1 1 1 1
bias -2 -2
block 2 1
margin 2
4 0 pseed phrase
-6 0 tquestion marks=1
0 4 wbuffoon
2 0 wseed
`

func read(t *testing.T, model string) *guard.Classifier {
	t.Helper()
	c, err := guard.ReadClassifier(strings.NewReader(model))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScoreAddsWeights(t *testing.T) {
	t.Parallel()
	c := read(t, smallModel)
	step := math.Log(guard.BlockScore/(1-guard.BlockScore)) / 2 // logit for one below or above the blocking point
	for _, test := range []struct {
		text  string
		above float64 // the better head's sum less its blocking point
	}{
		{"nothing", -3},             // abuse: -2 - 1
		{"buffoon", -1},             // abuse: -2 + 2 - 1
		{"buffoon, buffoon!", -1},   // once is as good as twice
		{"seed", -3},                // fraud: -2 + 1 - 2, no better than abuse
		{"seed phrase", -1},         // fraud: -2 + 1 + 2 - 2
		{"s e e d phrase", -1},      // written apart
		{"𝘀𝗲𝗲𝗱 phrase", -1},         // disguised
		{"seed phrase buffoon", -1}, // heads don't add up
		{"seed phrase?", -3},        // a question weighs against fraud
	} {
		want := 1 / (1 + math.Exp(-2*step-test.above*step))
		if got := c.Score(guard.Normalise(test.text)); math.Abs(got-want) > 1e-12 {
			t.Errorf("score of %q is %g, want %g", test.text, got, want)
		}
	}
}

// A word that stands alone is little evidence: it counts as one of so many.
func TestFewWordsWeighLess(t *testing.T) {
	t.Parallel()
	c := read(t, strings.NewReplacer("exponent 0", "exponent 1", "least 1 1 1 1", "least 4 1 1 1").Replace(smallModel))
	step := math.Log(guard.BlockScore/(1-guard.BlockScore)) / 2
	for text, sum := range map[string]float64{
		"buffoon":                             2. / 4,
		"you there buffoon":                   2. / 4,
		"you there are a real buffoon my man": 2. / 8,
	} {
		want := 1 / (1 + math.Exp(-2*step-(sum-3)*step)) // the bias is -2, the point 1
		if got := c.Score(guard.Normalise(text)); math.Abs(got-want) > 1e-12 {
			t.Errorf("score of %q is %g, want %g", text, got, want)
		}
	}
}

func TestExplainNamesTheHeaviest(t *testing.T) {
	t.Parallel()
	c := read(t, smallModel)
	text := guard.Normalise("the seed phrase")
	got := c.Explain(text, 5)
	if len(got) != 2 || got[0].Feature != `"seed phrase"` || got[1].Feature != `"seed"` || math.Abs(got[0].Value-2*got[1].Value) > 1e-12 {
		t.Errorf("explained by %v, want \"seed phrase\" and half as much \"seed\"", got)
	}
	if got := c.Explain(text, 1); len(got) != 1 || got[0].Feature != `"seed phrase"` {
		t.Errorf("explained by %v, want the heaviest alone", got)
	}
	if got := c.Kind(text); got != "fraud" {
		t.Errorf("kind is %q, want fraud", got)
	}
	if got := c.Explain(guard.Normalise("nothing"), 3); len(got) != 0 {
		t.Errorf("explained by %v, want nothing", got)
	}
}

func TestReadClassifierSaysWhichLineIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		{"chainmail text classifier 2", "chainmail text classifier 1", "line 1: begins with"},
		{"heads fraud abuse", "heads a b c d e", "line 2: want heads and 1 to 4 names"},
		{"step 0.5", "step half", `line 3: step: "half" is no number`},
		{"step 0.5", "step NaN", `line 3: step: "NaN" is no number`},
		{"least 1 1 1 1", "least", "line 5: want least and 4 numbers"},
		{"scale 1 1 1 1", "scale 1", "line 6: want scale and 4 numbers"},
		{"margin 2", "margin 0", "line 9: margin is 0, must be above 0"},
		{"0 4 wbuffoon", "0 x wbuffoon", `line 12: "x" is no weight`},
		{"0 4 wbuffoon", "0 99999 wbuffoon", `line 12: "99999" is no weight`},
		{"0 4 wbuffoon", "0 4 buffoon", `line 12: "buffoon" is no feature`},
		{"2 0 wseed", "2 0 wa", `line 13: feature "wa" comes after "wbuffoon"`},
		{"2 0 wseed", "2 0 wbuffoon", `line 13: feature "wbuffoon" comes after "wbuffoon"`},
	} {
		_, err := guard.ReadClassifier(strings.NewReader(strings.Replace(smallModel, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s instead of %s: error is %v, want %q", c.new, c.old, err, c.want)
		}
	}
	if _, err := guard.ReadClassifier(strings.NewReader("")); err == nil {
		t.Error("an empty file gave no error")
	}
}

func TestClassifierHashIsOfTheBytes(t *testing.T) {
	t.Parallel()
	a, b := read(t, smallModel), read(t, strings.Replace(smallModel, "margin 2", "margin 3", 1))
	if len(a.Hash()) != 64 || a.Hash() == b.Hash() || a.Hash() != read(t, smallModel).Hash() {
		t.Errorf("hashes are %s and %s", a.Hash(), b.Hash())
	}
}

func TestModelEncodeIsReadBack(t *testing.T) {
	t.Parallel()
	m := guard.Model{Heads: []string{"one"}, Step: 0.5, Exponent: 0.3, Scale: [4]float64{1, 2, 3, 4}, Bias: []float64{-1.5}, Block: []float64{2},
		Margin: 1, Features: []guard.WeighedFeature{{Name: "g ab", Weights: []int16{-3}}, {Name: "wab", Weights: []int16{9}}}}
	c := read(t, string(m.Encode()))
	if low, high := c.Score(guard.Normalise("abc")), c.Score(guard.Normalise("ab")); high <= low {
		t.Errorf("score with a bad word is %g, without %g", high, low)
	}
}

// TestScoreInParallel is for the race detector: texts must not mix.
func TestScoreInParallel(t *testing.T) {
	t.Parallel()
	c := guard.ShippedClassifier()
	texts := []string{"see you at seven", "send me your seed phrase to claim the airdrop", "you stupid bitch"}
	var wait sync.WaitGroup
	for _, text := range texts {
		normal := guard.Normalise(text)
		want := c.Score(normal)
		for range 4 {
			wait.Go(func() {
				for range 100 {
					if got := c.Score(normal); got != want {
						t.Errorf("score of %q is %g, then %g", text, want, got)
						return
					}
				}
			})
		}
	}
	wait.Wait()
}
