package main

import (
	"fmt"
	"io"
	"strings"
)

// progress shows how far long work is: a bar that is drawn over on a terminal, a line for each
// stage elsewhere. One goroutine uses it.
type progress struct {
	w        io.Writer
	terminal bool
	stage    string
}

func newProgress(w io.Writer) *progress { return &progress{w: w, terminal: isTerminal(w)} }

// barWidth is the width of a full bar in characters.
const barWidth = 30

// show says which stage the work is in, and how much of it, from 0 to 1, is done.
func (p *progress) show(stage string, fraction float64) {
	if !p.terminal {
		if stage != p.stage {
			fmt.Fprintln(p.w, stage)
		}
		p.stage = stage
		return
	}
	p.stage = stage
	full := int(min(max(fraction, 0), 1) * barWidth)
	bar := strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
	fmt.Fprintf(p.w, "\r%s %3.0f%% %s\x1b[K", bar, 100*fraction, stage) // CSI K: erase the rest of the line
}

// end makes room for what is printed next.
func (p *progress) end() {
	if p.terminal && p.stage != "" {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
