package guard

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // for the model
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
)

// Two points of the scale of Score, which training fixes: in its cross-validation about 1 benign message in 400 reaches BlockScore and about 1 in
// 33 UncertainScore.
const (
	BlockScore     = 0.9
	UncertainScore = 0.5
)

//go:embed model.txt
var shippedModel []byte

// ShippedClassifier returns the classifier that is part of the program.
var ShippedClassifier = sync.OnceValue(func() *Classifier {
	c, err := ReadClassifier(bytes.NewReader(shippedModel))
	if err != nil {
		panic(err) // a test reads it
	}
	return c
})

// Classifier says how likely a text is bad, from a model. It may be used by several goroutines at once.
type Classifier struct {
	model   *Model
	hash    string
	table   *table
	shares  [3][shareTable]float64 // of words, pairs, grams: factor for so many
	scratch *sync.Pool             // of *scorer
}

// shareTable bounds the counts for which factors are kept ready.
const shareTable = 256

// Weight is what one feature of a text adds to the sum that decides.
type Weight struct {
	Feature string  // a word or pair of words in quotes, or a property of the text
	Value   float64 // above 0 speaks for bad; the score is the logistic function of all together
}

// ReadClassifier reads a model's file: see Model. An error names the line that is wrong.
func ReadClassifier(r io.Reader) (*Classifier, error) {
	sum := sha256.New()
	model, err := decodeModel(io.TeeReader(r, sum))
	if err != nil {
		return nil, err
	}
	table, err := newTable(model)
	if err != nil {
		return nil, fmt.Errorf("read classifier model: %w", err)
	}
	c := &Classifier{model: model, hash: hex.EncodeToString(sum.Sum(nil)), table: table}
	for kind := range c.shares {
		for n := range c.shares[kind] {
			c.shares[kind][n] = model.factor(kind, n)
		}
	}
	c.scratch = &sync.Pool{New: func() any { return newScorer(table) }}
	return c, nil
}

// Hash returns the SHA-256 of the model's file in hexadecimal.
func (c *Classifier) Hash() string { return c.hash }

// factor returns what a kind's weights are multiplied by when there are n of the kind. Traits are as many for every text.
func (m *Model) factor(kind, n int) float64 {
	if n = max(n, int(m.Least[kind])); kind == 3 || n < 2 {
		return m.Scale[kind] * m.Step
	}
	return m.Scale[kind] * m.Step * math.Pow(float64(n), -m.Exponent)
}

// factor is the model's, which raises to powers, from a table for all but long texts.
func (c *Classifier) factor(kind, n int) float64 {
	if kind < len(c.shares) && n < shareTable {
		return c.shares[kind][n]
	}
	return c.model.factor(kind, n)
}

// heads returns each head's distance from the point where it blocks, in the unit of the score's logistic function.
func (c *Classifier) heads(s *scorer) (z [maxHeads]float64, best int) {
	var factors [4]float64
	for kind := range factors {
		factors[kind] = c.factor(kind, s.count[kind])
	}
	for h := range c.model.Heads {
		sum := c.model.Bias[h]
		for kind, f := range factors {
			sum += float64(f * float64(s.sums[kind][h]))
		}
		z[h] = c.model.logit(sum - c.model.Block[h])
		if z[h] > z[best] {
			best = h
		}
	}
	return z, best
}

// blockLogit is the logit of BlockScore.
var blockLogit = math.Log(BlockScore / (1 - BlockScore))

// logit maps the distance from a head's blocking point to the score's logit: 0 to that of BlockScore, -Margin to that of UncertainScore.
func (m *Model) logit(distance float64) float64 {
	return (1 + distance/m.Margin) * blockLogit
}

// Score returns how bad the text looks, from 0 to 1, the same for the same text and model: BlockScore and UncertainScore say what it means.
func (c *Classifier) Score(t *Text) float64 {
	s := c.scratch.Get().(*scorer)
	defer c.scratch.Put(s)
	s.run(t)
	z, best := c.heads(s)
	return 1 / (1 + math.Exp(-z[best]))
}

// Kind returns which of the model's heads finds the text worst.
func (c *Classifier) Kind(t *Text) string {
	s := c.scratch.Get().(*scorer)
	defer c.scratch.Put(s)
	s.run(t)
	_, best := c.heads(s)
	return c.model.Heads[best]
}

// Explain returns the n features that weighed most for the head that gave the score, whichever way, the heaviest first. Pieces of a word
// count for the word.
func (c *Classifier) Explain(t *Text, n int) []Weight {
	s := newScorer(c.table)
	s.run(t)
	_, best := c.heads(s)
	sums := map[string]float64{}
	seen := map[string]bool{}
	x := extractor{found: func(x *extractor) {
		name := x.name()
		weights := c.model.weights(name)
		if seen[name] || weights == nil {
			return
		}
		seen[name] = true
		kind := strings.IndexByte(featureKinds, x.kind)
		value := float64(weights[best]) * c.model.factor(kind, s.count[kind])
		sums[x.label()] += value * blockLogit / c.model.Margin
	}}
	x.run(t)
	weights := make([]Weight, 0, len(sums))
	for feature, value := range sums {
		if value != 0 {
			weights = append(weights, Weight{feature, value})
		}
	}
	slices.SortFunc(weights, func(a, b Weight) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Value), math.Abs(a.Value)), cmp.Compare(a.Feature, b.Feature))
	})
	return weights[:min(n, len(weights))]
}

// weights returns those of the feature of this name, nil for none.
func (m *Model) weights(name string) []int16 {
	i, ok := slices.BinarySearchFunc(m.Features, name, func(f WeighedFeature, name string) int { return strings.Compare(f.Name, name) })
	if !ok {
		return nil
	}
	return m.Features[i].Weights
}

// label returns what a person sees of what was found last.
func (x *extractor) label() string {
	switch x.kind {
	case pairFeature:
		return `"` + x.a + " " + x.b + `"`
	case traitFeature:
		return x.a
	}
	return `"` + x.word + `"`
}
