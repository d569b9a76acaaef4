package guard

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Model is what a classifier has learnt. Its file is text, a line each:
//
//	chainmail text classifier 2
//	heads NAME...                what is told apart from benign: each head has a sum of its own
//	step NUMBER                  what a weight of 1 stands for
//	exponent NUMBER              a kind's sum is divided by the number of its occurrences to this power
//	least WORDS PAIRS GRAMS TRAITS  fewer occurrences than these count as so many: one word alone is little evidence
//	scale WORDS PAIRS GRAMS TRAITS  what a kind's sum is multiplied by
//	bias NUMBER...               where each head's sum begins
//	block NUMBER...              the sum at which each head reaches BlockScore
//	margin NUMBER                how much below that it reaches UncertainScore
//	WEIGHT... FEATURE            a weight for each head, whole numbers, and the feature's name: see Features
//
// Features are in the order of their names, each once.
type Model struct {
	Heads    []string
	Step     float64
	Exponent float64
	Least    [4]float64 // of words, pairs, grams, traits
	Scale    [4]float64 // of words, pairs, grams, traits
	Bias     []float64
	Block    []float64
	Margin   float64
	Features []WeighedFeature
}

// WeighedFeature is a feature with a weight for each head, in steps.
type WeighedFeature struct {
	Name    string
	Weights []int16
}

const modelTitle = "chainmail text classifier 2"

// Bounds of a model: more is no model of ours.
const (
	maxHeads    = 4
	maxFeatures = 1 << 17
)

// featureKinds are the kinds in the order of Model.Scale.
const featureKinds = string(rune(wordFeature)) + string(rune(pairFeature)) + string(rune(gramFeature)) + string(rune(traitFeature))

// Encode returns the model's file. ReadClassifier reads it.
func (m *Model) Encode() []byte {
	var b bytes.Buffer
	numbers := func(name string, values ...float64) {
		b.WriteString(name)
		for _, v := range values {
			b.WriteByte(' ')
			b.WriteString(strconv.FormatFloat(v, 'g', 6, 64))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintln(&b, modelTitle)
	fmt.Fprintln(&b, "heads", strings.Join(m.Heads, " "))
	numbers("step", m.Step)
	numbers("exponent", m.Exponent)
	numbers("least", m.Least[:]...)
	numbers("scale", m.Scale[:]...)
	numbers("bias", m.Bias...)
	numbers("block", m.Block...)
	numbers("margin", m.Margin)
	for _, f := range m.Features {
		for _, w := range f.Weights {
			b.WriteString(strconv.Itoa(int(w)))
			b.WriteByte(' ')
		}
		b.WriteString(f.Name)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// modelReader reads a model line by line.
type modelReader struct {
	lines *bufio.Scanner
	line  int
	heads int
}

// decodeModel reads a model's file. An error names the line.
func decodeModel(r io.Reader) (*Model, error) {
	d := &modelReader{lines: bufio.NewScanner(r)}
	m, err := d.model()
	if err == nil {
		err = d.lines.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("read classifier model: line %d: %w", d.line, err)
	}
	return m, nil
}

func (d *modelReader) model() (*Model, error) {
	if title := d.next(); title != modelTitle {
		return nil, fmt.Errorf("begins with %.40q instead of %q: write it with `chainmail guard train`", title, modelTitle)
	}
	m := &Model{}
	name, heads, _ := strings.Cut(d.next(), " ")
	m.Heads = strings.Fields(heads)
	if d.heads = len(m.Heads); name != "heads" || d.heads == 0 || d.heads > maxHeads {
		return nil, fmt.Errorf("want heads and 1 to %d names", maxHeads)
	}
	for _, field := range []struct {
		name string
		to   func([]float64)
		n    int
	}{
		{"step", func(v []float64) { m.Step = v[0] }, 1},
		{"exponent", func(v []float64) { m.Exponent = v[0] }, 1},
		{"least", func(v []float64) { copy(m.Least[:], v) }, len(m.Least)},
		{"scale", func(v []float64) { copy(m.Scale[:], v) }, len(m.Scale)},
		{"bias", func(v []float64) { m.Bias = v }, d.heads},
		{"block", func(v []float64) { m.Block = v }, d.heads},
		{"margin", func(v []float64) { m.Margin = v[0] }, 1},
	} {
		values, err := d.numbers(field.name, field.n)
		if err != nil {
			return nil, err
		}
		field.to(values)
	}
	if m.Margin <= 0 {
		return nil, fmt.Errorf("margin is %g, must be above 0", m.Margin)
	}
	return m, d.features(m)
}

func (d *modelReader) next() string {
	if !d.lines.Scan() {
		return ""
	}
	d.line++
	return d.lines.Text()
}

func (d *modelReader) numbers(name string, n int) ([]float64, error) {
	fields := strings.Fields(d.next())
	if len(fields) != n+1 || fields[0] != name {
		return nil, fmt.Errorf("want %s and %d numbers", name, n)
	}
	values := make([]float64, n)
	for i, field := range fields[1:] {
		v, err := strconv.ParseFloat(field, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s: %q is no number", name, field)
		}
		values[i] = v
	}
	return values, nil
}

func (d *modelReader) features(m *Model) error {
	last := ""
	for line := d.next(); line != ""; line = d.next() {
		f := WeighedFeature{Weights: make([]int16, d.heads)}
		for i := range f.Weights {
			weight, rest, _ := strings.Cut(line, " ")
			w, err := strconv.ParseInt(weight, 10, 16)
			if err != nil {
				return fmt.Errorf("%.20q is no weight", weight)
			}
			f.Weights[i], line = int16(w), rest
		}
		f.Name = line
		if len(f.Name) < 2 || strings.IndexByte(featureKinds, f.Name[0]) < 0 {
			return fmt.Errorf("%.40q is no feature", f.Name)
		}
		if f.Name <= last {
			return fmt.Errorf("feature %.40q comes after %.40q", f.Name, last)
		}
		if len(m.Features) == maxFeatures {
			return fmt.Errorf("more than %d features", maxFeatures)
		}
		last = f.Name
		m.Features = append(m.Features, f)
	}
	return nil
}
