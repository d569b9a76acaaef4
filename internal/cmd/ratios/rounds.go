package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"chainmail/transport/load"
)

// rounds are the figures of every name in every round.
type rounds struct {
	n       int      // of rounds
	names   []string // in the order in which they came first
	figures map[string][][]figure
}

// readRounds reads a name, a tab and a report a line. Every name has to come equally often, with the same figures.
func readRounds(in io.Reader) (rounds, error) {
	r := rounds{figures: make(map[string][][]figure)}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20) // a report is some kilobytes
	for lines.Scan() {
		name, text, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			return rounds{}, fmt.Errorf("%.40q is not a name, a tab and a report", lines.Text())
		}
		var report load.Report
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			return rounds{}, fmt.Errorf("read the report of %q: %w", name, err)
		}
		if !slices.Contains(r.names, name) {
			r.names = append(r.names, name)
		}
		r.figures[name] = append(r.figures[name], figures(report))
	}
	if err := lines.Err(); err != nil {
		return rounds{}, err
	}
	if len(r.names) == 0 {
		return rounds{}, errors.New("there is no report")
	}
	r.n = len(r.figures[r.names[0]])
	return r, r.check()
}

func (r rounds) check() error {
	first := r.figures[r.names[0]][0]
	for name, all := range r.figures {
		if len(all) != r.n {
			return fmt.Errorf("%q comes %d times, %q %d times", name, len(all), r.names[0], r.n)
		}
		for _, figures := range all {
			same := func(a, b figure) bool { return a.name == b.name }
			if !slices.EqualFunc(figures, first, same) {
				return fmt.Errorf("%q has not the scenarios of %q", name, r.names[0])
			}
		}
	}
	return nil
}

// values are those of a figure, by round, divided by those of the first name where ratio is set; nil where one is missing.
func (r rounds) values(name string, figure int, ratio bool) []float64 {
	values := make([]float64, r.n)
	for round := range values {
		v := r.figures[name][round][figure].value
		if v == nil {
			return nil
		}
		values[round] = *v
		if !ratio {
			continue
		}
		base := r.figures[r.names[0]][round][figure].value
		if base == nil || *base == 0 {
			return nil
		}
		values[round] /= *base
	}
	slices.Sort(values)
	return values
}
