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
	"math/bits"
	"slices"
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
	mask    uint32     // of slots
	slots   []slot     // open addressing by featureID
	sieve   sieve      // small enough for the nearest cache: most features of a text are not in the model
	scratch *sync.Pool // of *scorer
}

// slot is a feature by its identity; one with identity 0 is free.
type slot struct {
	id      featureID
	weights [maxHeads]int16
}

// sieve has a bit set for each feature that is in the model, and by chance for a few that are not.
type sieve [1 << 12]uint64

func (s *sieve) add(id featureID) { s[id>>6%featureID(len(s))] |= 1 << (id % 64) }

func (s *sieve) has(id featureID) bool { return s[id>>6%featureID(len(s))]&(1<<(id%64)) != 0 }

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
	size := 1 << bits.Len(uint(len(model.Features)*2))
	c := &Classifier{model: model, hash: hex.EncodeToString(sum.Sum(nil)), mask: uint32(size - 1), slots: make([]slot, size)}
	for _, f := range model.Features {
		id := hashStart.string(f.Name)
		i := c.place(id)
		if c.slots[i].id == id || id == 0 {
			return nil, fmt.Errorf("read classifier model: feature %q has the same hash as another", f.Name)
		}
		c.slots[i].id = id
		c.sieve.add(id)
		copy(c.slots[i].weights[:], f.Weights)
	}
	c.scratch = &sync.Pool{New: func() any { return newScorer(c) }}
	return c, nil
}

// place returns the slot of a feature, or the free one where it would be.
func (c *Classifier) place(id featureID) uint32 {
	i := uint32(id>>32) & c.mask
	for c.slots[i].id != id && c.slots[i].id != 0 {
		i = (i + 1) & c.mask
	}
	return i
}

// Hash returns the SHA-256 of the model's file in hexadecimal.
func (c *Classifier) Hash() string { return c.hash }

// scorer adds up one text.
type scorer struct {
	c     *Classifier
	x     extractor
	met   []uint32 // by slot: the last text that had it
	text  uint32   // number of the text
	sums  [4][maxHeads]int32
	count [4]int
}

func newScorer(c *Classifier) *scorer {
	s := &scorer{c: c, met: make([]uint32, len(c.slots))}
	s.x.found = s.found
	return s
}

func (s *scorer) found(x *extractor, id featureID) {
	kind := kindOf(x.kind)
	s.count[kind]++
	if !s.c.sieve.has(id) {
		return
	}
	i := s.c.place(id)
	if s.c.slots[i].id == 0 || s.met[i] == s.text {
		return
	}
	s.met[i] = s.text
	for h, w := range s.c.slots[i].weights {
		s.sums[kind][h] += int32(w)
	}
}

// kindOf returns a kind's place in featureKinds.
func kindOf(kind byte) int {
	switch kind {
	case wordFeature:
		return 0
	case pairFeature:
		return 1
	case gramFeature:
		return 2
	}
	return 3
}

func (s *scorer) run(t *Text) {
	if s.text++; s.text == 0 { // after 2^32 texts the numbers begin anew
		clear(s.met)
		s.text = 1
	}
	s.sums, s.count = [4][maxHeads]int32{}, [4]int{}
	s.x.run(t)
	s.x.text, s.x.a, s.x.b, s.x.word, s.x.before = "", "", "", "", ""
}

// factor returns what a kind's weights are multiplied by when there are n of the kind. Traits are as many for every text.
func (m *Model) factor(kind, n int) float64 {
	if n = max(n, int(m.Least[kind])); kind == 3 || n < 2 {
		return m.Scale[kind] * m.Step
	}
	return m.Scale[kind] * m.Step * math.Pow(float64(n), -m.Exponent)
}

// heads returns each head's distance from the point where it blocks, in the unit of the score's logistic function.
func (s *scorer) heads() (z [maxHeads]float64, best int) {
	m := s.c.model
	var factors [4]float64
	for kind := range factors {
		factors[kind] = m.factor(kind, s.count[kind])
	}
	for h := range m.Heads {
		sum := m.Bias[h]
		for kind, f := range factors {
			sum += float64(f * float64(s.sums[kind][h]))
		}
		z[h] = m.logit(sum - m.Block[h])
		if z[h] > z[best] {
			best = h
		}
	}
	return z, best
}

// logit maps the distance from a head's blocking point to the score's logit: 0 to that of BlockScore, -Margin to that of UncertainScore.
func (m *Model) logit(distance float64) float64 {
	return (1 + distance/m.Margin) * math.Log(BlockScore/(1-BlockScore))
}

// Score returns how bad the text looks, from 0 to 1, the same for the same text and model: BlockScore and UncertainScore say what it means.
func (c *Classifier) Score(t *Text) float64 {
	s := c.scratch.Get().(*scorer)
	defer c.scratch.Put(s)
	s.run(t)
	z, best := s.heads()
	return 1 / (1 + math.Exp(-z[best]))
}

// Kind returns which of the model's heads finds the text worst.
func (c *Classifier) Kind(t *Text) string {
	s := c.scratch.Get().(*scorer)
	defer c.scratch.Put(s)
	s.run(t)
	_, best := s.heads()
	return c.model.Heads[best]
}

// Explain returns the n features that weighed most for the head that gave the score, whichever way, the heaviest first. Pieces of a word
// count for the word.
func (c *Classifier) Explain(t *Text, n int) []Weight {
	s := newScorer(c)
	s.run(t)
	_, best := s.heads()
	count := s.count
	sums := map[string]float64{}
	seen := map[featureID]bool{}
	s.x.found = func(x *extractor, id featureID) {
		i := c.place(id)
		if seen[id] || c.slots[i].id == 0 {
			return
		}
		seen[id] = true
		kind := kindOf(x.kind)
		value := float64(c.slots[i].weights[best]) * c.model.factor(kind, count[kind])
		sums[x.label()] += value * math.Log(BlockScore/(1-BlockScore)) / c.model.Margin
	}
	s.x.run(t)
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
