package train

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"chainmail/guard"
)

// Folds is into how many parts the messages are split for cross-validation.
const Folds = 5

// Size of a model.
const (
	maxFeatures = 20000 // the heaviest features stay
	step        = 0.02  // weights are whole multiples of this
)

// Written is the source of the messages that were written for this project: they are learnt from, but nothing is measured on them.
const Written = "chainmail"

// Train returns the file of a model that has learnt from all the messages, and how a model did that was trained the same way on four
// fifths of them and measured on the last. Near copies are in one fold.
func Train(messages []Message) (model []byte, report Report, err error) {
	if err := enough(messages); err != nil {
		return nil, Report{}, fmt.Errorf("train classifier: %w", err)
	}
	c := newCorpus(messages)
	z := c.crossValidate()
	points := block(messages, z, c.measured(), blockRate)
	gap := margin(messages, z, c.measured(), points, uncertainRate)
	m := c.model(c.fitAll(c.all()), points, gap)
	return m.Encode(), c.validation(z), nil
}

func enough(messages []Message) error {
	n := map[string]int{}
	for _, m := range messages {
		n[m.Label]++
	}
	for _, label := range labels {
		if n[label] < Folds {
			return fmt.Errorf("%d messages are labelled %s, at least %d are needed", n[label], label, Folds)
		}
	}
	return nil
}

// measured are the messages on which results are measured.
func (c *corpus) measured() (among []int) {
	for i, m := range c.messages {
		if m.Source != Written {
			among = append(among, i)
		}
	}
	if len(among) == 0 {
		return c.all()
	}
	return among
}

func (c *corpus) all() (among []int) {
	for i := range c.messages {
		among = append(among, i)
	}
	return among
}

// errNoSource is for data of one source alone.
var errNoSource = errors.New("messages of at least two sources are needed")

// parallel calls do for 0 to n-1, as many at once as there are processors.
func parallel(n int, do func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}

// fitAll trains every head.
func (c *corpus) fitAll(given []int) []weights {
	w := make([]weights, len(heads))
	parallel(len(heads), func(h int) { w[h] = c.fit(heads[h], given) })
	return w
}

// crossValidate returns what heads trained without a message's fold make of it.
func (c *corpus) crossValidate() sums {
	return c.heldOut(Folds, func(i int) int { return foldOf(c.group[i]) })
}

// heldOut splits the messages into n parts and returns what heads trained on the other parts make of each; a part below 0 is always learnt from.
func (c *corpus) heldOut(n int, part func(i int) int) sums {
	z := make(sums, len(heads))
	for h := range z {
		z[h] = make([]float64, len(c.messages))
	}
	parallel(n*len(heads), func(task int) {
		p, h := task/len(heads), task%len(heads)
		var given []int
		for i := range c.messages {
			if part(i) != p {
				given = append(given, i)
			}
		}
		w := c.fit(heads[h], given)
		for i := range c.messages {
			if part(i) == p {
				z[h][i] = c.score(w, i)
			}
		}
	})
	return z
}

// model rounds the weights and keeps the heaviest.
func (c *corpus) model(w []weights, points []float64, gap float64) *guard.Model {
	m := &guard.Model{Step: step, Exponent: exponent, Least: least, Scale: scales, Margin: gap}
	for h := range heads {
		m.Heads = append(m.Heads, heads[h].name)
		m.Bias = append(m.Bias, w[h].bias)
		m.Block = append(m.Block, points[h])
	}
	heaviest := func(f guard.WeighedFeature) int {
		most := 0
		for _, weight := range f.Weights {
			most = max(most, int(weight), -int(weight))
		}
		return most
	}
	for f, name := range c.names {
		feature := guard.WeighedFeature{Name: name, Weights: make([]int16, len(heads))}
		for h := range heads {
			feature.Weights[h] = int16(math.Round(min(max(w[h].of[f]/step, math.MinInt16), math.MaxInt16)))
		}
		if heaviest(feature) > 0 {
			m.Features = append(m.Features, feature)
		}
	}
	slices.SortFunc(m.Features, func(a, b guard.WeighedFeature) int {
		if x, y := heaviest(a), heaviest(b); x != y {
			return y - x
		}
		return compare(a.Name, b.Name)
	})
	m.Features = m.Features[:min(len(m.Features), maxFeatures)]
	slices.SortFunc(m.Features, func(a, b guard.WeighedFeature) int { return compare(a.Name, b.Name) })
	return m
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
