package main

import (
	"fmt"
	"io"
	"strings"
)

// print writes a table with a column for each name, whose cells are made by cell.
func (r rounds) print(out io.Writer, cell func(name string, figure int) string) {
	fmt.Fprintf(out, "| | %s |\n|%s\n", strings.Join(r.names, " | "), strings.Repeat(" --- |", 1+len(r.names)))
	for i, f := range r.figures[r.names[0]][0] {
		fmt.Fprintf(out, "| %s |", f.name)
		for _, name := range r.names {
			fmt.Fprintf(out, " %s |", cell(name, i))
		}
		fmt.Fprintln(out)
	}
}

// medians is a cell with the median over the rounds.
func (r rounds) medians(name string, figure int) string {
	values := r.values(name, figure, false)
	if values == nil {
		return "-"
	}
	return fmt.Sprintf("%.*f", r.figures[name][0][figure].digits, median(values))
}

// ratios is a cell with the median ratio and the least and greatest.
func (r rounds) ratios(name string, figure int) string {
	values := r.values(name, figure, true)
	if values == nil {
		return "-"
	}
	if name == r.names[0] {
		return "1"
	}
	return fmt.Sprintf("%.2f (%.2f-%.2f)", median(values), values[0], values[len(values)-1])
}

// median takes sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
