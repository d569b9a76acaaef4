package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"chainmail/audit"
	"chainmail/guard/whatif"
)

// print tells a person who has to decide about the policy.
func (t *tried) print(out io.Writer) error {
	w := bufio.NewWriter(out) // it keeps its error for Flush
	m := t.Messages
	fmt.Fprintf(w, "%s judged by %s, from #%d to #%d, in %s\n\n",
		counted(m.Judged, "message"), audit.Printable(t.policy), t.From, t.To, t.took.Round(time.Millisecond))
	t.count(w, "newly blocked", m.NewlyBlocked.Count)
	t.count(w, "newly allowed", m.NewlyAllowed.Count)
	t.count(w, "blocked as before", m.StillBlocked)
	t.count(w, "sent as before", m.StillSent)
	t.note(w, m.WouldAsk.Count, "uncertain: a language model would be asked, and without one they are sent")
	t.note(w, m.Excepted, "of users whom the policy excepts: sent")
	t.note(w, m.Unjudged, "judged by nobody at the time")
	t.left(w, m.Released, "released by an admin")
	t.left(w, m.Erased, "erased")
	fmt.Fprintln(w)
	t.texts(w, "title", t.Titles)
	t.texts(w, "name", t.Names)
	t.examples(w, "Newly blocked", m.NewlyBlocked)
	t.examples(w, "Newly allowed", m.NewlyAllowed)
	t.examples(w, "Uncertain", m.WouldAsk)
	t.examples(w, "Titles that would be refused", t.Titles.Refused)
	t.examples(w, "Names that would be refused", t.Names.Refused)
	if len(t.Rules) > 0 {
		fmt.Fprintln(w, "\nWhat messages met:")
		for _, r := range t.Rules {
			fmt.Fprintf(w, "%12s  %s\n", audit.Count(r.Messages), r.Rule)
		}
	}
	file := audit.Printable(t.policy)
	fmt.Fprintf(w, "\nNothing was changed. To install this policy: chainmail serve --guard-policy %s\n"+
		"A server that was started with this file takes it within %s after it has changed.\n", file, policyInterval)
	return w.Flush()
}

// count shows a number of messages, and its share of all.
func (t *tried) count(w io.Writer, what string, n int64) {
	share := ""
	if n > 0 {
		share = fmt.Sprintf("%8.2f%%", 100*float64(n)/float64(t.Messages.Judged))
	}
	fmt.Fprintf(w, "  %-18s%12s%s\n", what, audit.Count(n), share)
}

// note shows a number of messages that are among those counted, if there are any.
func (t *tried) note(w io.Writer, n int64, what string) {
	if n > 0 {
		fmt.Fprintf(w, "  of them %s %s\n", audit.Count(n), what)
	}
}

// left shows a number of messages that were not judged, if there are any.
func (t *tried) left(w io.Writer, n int64, why string) {
	if n > 0 {
		fmt.Fprintf(w, "  not judged: %s %s\n", audit.Count(n), why)
	}
}

func (t *tried) texts(w io.Writer, what string, texts whatif.Texts) {
	if texts.Judged > 0 {
		fmt.Fprintf(w, "  %s, of which %s would be refused\n", counted(texts.Judged, what), audit.Count(texts.Refused.Count))
	}
}

// examples shows the first texts of a group: where, by what score, why, and what they say.
func (t *tried) examples(w io.Writer, title string, g whatif.Group) {
	if len(g.Examples) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s", title)
	if int64(len(g.Examples)) < g.Count {
		fmt.Fprintf(w, ", the first %d of %s", len(g.Examples), audit.Count(g.Count))
	}
	fmt.Fprintln(w, ":")
	for _, e := range g.Examples {
		score := fmt.Sprintf("%.2f", e.After.RiskScore)
		if e.Before != nil {
			score = fmt.Sprintf("%.2f → %s", e.Before.RiskScore, score)
		}
		fmt.Fprintf(w, "  #%d  %s  %s", e.Position, e.ID, score)
		if len(e.After.Reasons) > 0 {
			fmt.Fprintf(w, "  %s", strings.Join(e.After.Reasons, ", "))
		}
		if e.Before != nil && len(e.Before.Reasons) > 0 {
			fmt.Fprintf(w, "  (was: %s)", audit.Printable(strings.Join(e.Before.Reasons, ", ")))
		}
		fmt.Fprintf(w, "\n      %s\n", audit.Printable(e.Text))
	}
}

// counted writes a number and what it counts.
func counted(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return audit.Count(n) + " " + what
}
