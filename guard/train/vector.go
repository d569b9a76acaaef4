package train

import (
	"math"

	"chainmail/guard"
)

// Settings of the regression, chosen by cross-validation over the training data.
const (
	minMessages = 4    // a feature in fewer messages is left out
	strength    = 10.0 // how much the data count against the wish for small weights
	exponent    = 0.35 // a kind's sum is divided by the number of its features to this power
	gramScale   = 0.6
	traitScale  = 0.15
	ratioFloor  = 0.1 // what a feature counts that is as frequent on both sides
)

// The kinds of features, by the first letter of a name, in the order of guard.Model.Scale.
const kinds = "wpgt"

// corpus is messages taken apart.
type corpus struct {
	messages []Message
	group    []int // near copies have the same
	features [][]int32
	count    [][4]float64 // features of each kind in a message, repeats counted
	names    []string     // of features
	kind     []uint8      // of features
}

func newCorpus(messages []Message) *corpus {
	c := &corpus{messages: messages}
	ids := map[string]int32{}
	texts := make([]*guard.Text, len(messages))
	for i, m := range messages {
		texts[i] = guard.Normalise(m.Text)
		var features []int32
		var count [4]float64
		met := map[int32]bool{}
		for _, name := range guard.Features(texts[i]) {
			id, ok := ids[name]
			if !ok {
				id = int32(len(c.names))
				ids[name] = id
				c.names = append(c.names, name)
				c.kind = append(c.kind, kindOf(name))
			}
			count[c.kind[id]]++
			if !met[id] {
				met[id] = true
				features = append(features, id)
			}
		}
		c.features, c.count = append(c.features, features), append(c.count, count)
	}
	c.group = groups(texts)
	return c
}

func kindOf(name string) uint8 {
	for i := range len(kinds) {
		if kinds[i] == name[0] {
			return uint8(i)
		}
	}
	panic("feature of no kind: " + name)
}

// least is the number of features of a kind that fewer count as, so that a greeting of one word is not judged by that word as if it were a sermon.
var least = [4]float64{10, 10, 80, 0}

// scales are what the sums of words, pairs, grams and traits are multiplied by.
var scales = [4]float64{1, 1, gramScale, traitScale}

// factor returns what a feature of a kind counts in message i.
func (c *corpus) factor(i int, kind uint8) float64 {
	n := c.count[i][kind]
	if n = max(n, least[kind]); kind == 3 || n < 2 {
		return scales[kind]
	}
	return scales[kind] * math.Pow(n, -exponent)
}

// vocabulary is the features that a head learns with.
type vocabulary struct {
	column []int32   // by feature, -1 for none
	spread []float64 // by column: what the feature is multiplied by
}

// vocabulary chooses the features of the messages in among, and measures how unevenly each is spread over head and benign.
func (c *corpus) vocabulary(among []int) vocabulary {
	bad, all := make([]float64, len(c.names)), make([]float64, len(c.names))
	badMessages := 0.0
	for _, i := range among {
		if c.messages[i].Bad() {
			badMessages++
		}
		for _, f := range c.features[i] {
			all[f]++
			if c.messages[i].Bad() {
				bad[f]++
			}
		}
	}
	v := vocabulary{column: make([]int32, len(c.names))}
	n := float64(len(among))
	for f := range v.column {
		v.column[f] = -1
		if all[f] < minMessages {
			continue
		}
		v.column[f] = int32(len(v.spread))
		spread := 1.0
		if c.names[f][0] != 't' {
			ratio := (bad[f] + 1) / (badMessages + 2) * (n - badMessages + 2) / (all[f] - bad[f] + 1)
			spread = math.Sqrt(ratioFloor+math.Abs(math.Log(ratio))) * math.Log(n/all[f]) / 5
		}
		v.spread = append(v.spread, spread)
	}
	return v
}
