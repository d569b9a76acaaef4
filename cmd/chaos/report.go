package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"chainmail/cmd/chaos/history"
)

// report is what came of a run.
type report struct {
	findings                              []history.Finding
	faults                                []string // a line each
	messages, events                      int
	devices, connections, frames, repeats int
	deliveries                            int
	lost                                  int // answers to appends that servers never got
	refused                               int64
	p50, p99                              time.Duration
}

// find adds a finding that no device has made.
func (r *report) find(b history.Breach, detail string) {
	r.findings = append(r.findings, history.Finding{Breach: b, Detail: detail})
}

// count takes the figures of a history.
func (r *report) count(log *history.Log, h *history.History) {
	r.messages, r.events, r.devices = log.Messages(), int(log.Head()), len(h.Devices)
	for _, d := range h.Devices {
		r.connections += len(d.Connections)
		for _, c := range d.Connections {
			for i := range c.Entries {
				if c.Entries[i].Kind == history.Received {
					r.frames++
				}
				if c.Entries[i].Duplicate {
					r.repeats++
				}
			}
		}
	}
}

// maxShown is how many findings of a kind are printed.
const maxShown = 5

// print writes the report.
func (r *report) print(w io.Writer) {
	for _, line := range r.faults {
		say(w, "%s", line)
	}
	say(w, "%d devices made %d connections and were sent %d frames; %d messages, %d events; %d repeats answered, %d sends refused for now; servers lost %d answers to commits",
		r.devices, r.connections, r.frames, r.messages, r.events, r.repeats, r.refused, r.lost)
	say(w, "%d deliveries to other devices: p50 %s, p99 %s", r.deliveries, millis(r.p50), millis(r.p99))
	if len(r.findings) == 0 {
		say(w, "no findings")
		return
	}
	byBreach := make(map[history.Breach][]string)
	for _, f := range r.findings {
		byBreach[f.Breach] = append(byBreach[f.Breach], f.String())
	}
	var breaches []string
	for b := range byBreach {
		breaches = append(breaches, string(b))
	}
	slices.Sort(breaches)
	say(w, "%d FINDINGS", len(r.findings))
	for _, b := range breaches {
		all := byBreach[history.Breach(b)]
		say(w, "  %s", strings.Join(all[:min(len(all), maxShown)], "\n  "))
		if more := len(all) - maxShown; more > 0 {
			fmt.Fprintf(w, "  … and %d more of these\n", more)
		}
	}
}
