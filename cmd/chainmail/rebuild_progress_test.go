package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/projections/rebuild"
)

// Elsewhere than on a terminal a rebuild is told in a line for each stage and for each tenth of the log.
func TestRebuildProgressInLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := &rebuildProgress{bar: newProgress(&out)}
	for position := domain.Position(1000); position <= 100_000; position += 1000 {
		r.show(rebuild.Progress{Projection: "messages", Stage: rebuild.StageFill, Position: position, Goal: 100_000})
	}
	waiting := rebuild.Progress{Projection: "messages", Stage: rebuild.StageSwap, Position: 100_000, Goal: 100_000, Waiting: []int{12, 34}}
	r.show(waiting)
	r.show(waiting)
	r.end()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 12 {
		t.Errorf("got %d lines, want 12:\n%s", len(lines), out.String())
	}
	for i, want := range map[int]string{
		0:              `^messages: reading the log, 1% of 100000 events$`,
		1:              `^messages: reading the log, 10% of 100000 events, \d+/s, [0-9.hms]+ left$`,
		len(lines) - 1: `^messages: swapping: waiting for transactions of database processes \[12 34\] to end$`,
	} {
		if !regexp.MustCompile(want).MatchString(lines[i]) {
			t.Errorf("line %d is %q, want %s", i, lines[i], want)
		}
	}
}

// On a terminal the bar is drawn over at each page, with rate and time left.
func TestRebuildProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := &rebuildProgress{bar: &progress{w: &out, terminal: true}}
	for position := domain.Position(1000); position <= 3000; position += 1000 {
		r.show(rebuild.Progress{Projection: "messages", Stage: rebuild.StageFill, Position: position, Goal: 4000})
	}
	r.end()
	if got := strings.Count(out.String(), "\r"); got != 4 {
		t.Errorf("drawn %d times, want 4", got)
	}
	if !regexp.MustCompile(`75% messages: reading the log, 75% of 4000 events, \d+/s, [0-9.hms]+ left`).MatchString(out.String()) {
		t.Errorf("got %q", out.String())
	}
}
