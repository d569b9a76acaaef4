package main

import (
	"encoding/json"
	"fmt"
	"time"

	"chainmail/audit"
	"chainmail/domain"
)

// endJSON prints the state and the last line.
func (r *replay) endJSON() error {
	if r.tables != nil {
		r.line = append(r.line[:0], `{"state":`...)
		r.line = audit.AppendTables(r.line, r.tables.All())
		r.out.Write(append(r.line, '}', '\n'))
	}
	fmt.Fprintln(r.streams.err, r.rate()+", "+r.sealed())
	findings := r.summary.Findings
	if findings == nil {
		findings = []audit.Finding{}
	}
	return printJSON(r.out, struct {
		Events   int64           `json:"events"`
		Shown    int64           `json:"shown"`
		Verified bool            `json:"verified"`
		Findings []audit.Finding `json:"findings"`
	}{r.summary.Events, r.shown, len(findings) == 0, findings})
}

// endText prints the state, and says what came of it.
func (r *replay) endText() {
	if r.timeline != nil {
		r.out.Write(r.timeline.AppendEnd(nil))
	}
	if r.tables != nil {
		for _, t := range r.tables.All() {
			fmt.Fprintf(r.out, "\n%s\n", t.Name)
			printable(t).print(r.out, false)
		}
	}
	if r.shown > 0 || r.tables != nil {
		fmt.Fprintln(r.out)
	}
	fmt.Fprintf(r.out, "%s, %s shown, %s\n", r.rate(), audit.Count(r.shown), r.sealed())
	if r.export != nil {
		fmt.Fprintf(r.out, "written to %s\n", r.export.path)
	}
	printFindings(r.out, r.summary.Findings)
	if len(r.summary.Findings) == 0 && r.command.LogKey == "" && r.summary.Events > 0 {
		fmt.Fprintln(r.out, "The log's own first key was believed; --log-key holds the log against one that you trust.")
	}
}

// sealed says how far the log vouches for itself.
func (r *replay) sealed() string {
	if r.summary.Sealed == 0 {
		return "nothing sealed"
	}
	return fmt.Sprintf("sealed through #%d", r.summary.Sealed)
}

// rate says how much was read and how fast.
func (r *replay) rate() string {
	return fmt.Sprintf("%s events read in %s (%s/s)", audit.Count(r.summary.Events),
		r.took.Round(10*time.Millisecond), audit.Count(perSecond(r.summary.Events, r.took)))
}

func perSecond(n int64, took time.Duration) int64 {
	return int64(float64(n) / max(took.Seconds(), 1e-6))
}

// printable is a state table as text that a terminal shows as it is.
func printable(t audit.Table) *table {
	shown := &table{columns: t.Columns}
	for _, row := range t.Rows {
		values := make([]any, len(row))
		for i, value := range row {
			switch v := value.(type) {
			case string:
				values[i] = audit.Printable(v)
			case json.RawMessage:
				values[i] = audit.Printable(string(v))
			case time.Time:
				values[i] = optionalTime(v)
			case domain.ID:
				values[i] = v.String()
			default:
				values[i] = v
			}
		}
		shown.add(values...)
	}
	return shown
}
