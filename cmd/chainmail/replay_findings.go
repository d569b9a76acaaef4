package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"chainmail/audit"
)

// printFindings tells people what is wrong, each thing with its position.
func printFindings(w io.Writer, findings []audit.Finding) {
	switch n := len(findings); n {
	case 0:
		fmt.Fprintln(w, "no finding: the log verifies")
		return
	case 1:
		fmt.Fprintln(w, "1 finding:")
	default:
		fmt.Fprintf(w, "%s findings:\n", audit.Count(int64(n)))
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(tw, "  #%d\t%s\t%s\n", f.Position, f.Kind, audit.Printable(f.Detail))
	}
	tw.Flush() // w keeps its error
}
