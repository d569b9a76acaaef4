package main

import (
	"bufio"
	"fmt"
	"io"
	"text/tabwriter"

	"chainmail/audit"
	"chainmail/domain"
)

// print tells a person. Nothing of it can do anything to a terminal.
func (e *explanation) print(out io.Writer) error {
	w := bufio.NewWriter(out) // it keeps its error for Flush
	switch e.Outcome {
	case outcomeBlocked:
		fmt.Fprintf(w, "Message %s was blocked at #%d, %s.\n", e.MessageID, e.Position, e.Time)
	case outcomeReleased:
		r := e.Release
		fmt.Fprintf(w, "Message %s was blocked at #%d, %s,\nand released at #%d, %s, by %s: sent as %s.\n",
			e.MessageID, e.Position, e.Time, r.Position, r.Time, e.admin, r.ReleasedID)
	default:
		fmt.Fprintf(w, "Message %s was sent at #%d, %s.\n", e.MessageID, e.Position, e.Time)
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	e.printFacts(t)
	t.Flush() // what fails here fails below too
	e.printReasons(w)
	e.printAgain(w)
	return w.Flush()
}

func (e *explanation) printFacts(t io.Writer) {
	fmt.Fprintf(t, "sender\t%s\n", e.sender)
	if e.ReceiverID != nil {
		fmt.Fprintf(t, "receiver\t%s\n", *e.ReceiverID)
	}
	if e.ConversationID != nil {
		fmt.Fprintf(t, "conversation\t%s\n", *e.ConversationID)
	}
	if e.Content != nil {
		fmt.Fprintf(t, "content\t\"%s\"\n", audit.Printable(*e.Content))
	} else {
		fmt.Fprintln(t, "content\terased")
	}
	if e.PolicyHash == nil {
		return
	}
	fmt.Fprintf(t, "score\t%.2f", e.RiskScore)
	if e.Policy != nil {
		fmt.Fprintf(t, " (uncertain from %.2f, blocked from %.2f)", e.Policy.Uncertain, e.Policy.Block)
	}
	fmt.Fprintf(t, "\npolicy\t%s\n", *e.PolicyHash)
	if e.Policy != nil {
		fmt.Fprintf(t, "\t%s, installed at #%d, %s\n", origin(e.Policy.Shipped), e.Policy.Position, e.Policy.Time)
		if n := len(e.Policy.Others); n > 0 {
			fmt.Fprintf(t, "\tand before with another classifier or other lists, last at #%d: a server may have judged by those\n", e.Policy.Others[n-1])
		}
		e.printModels(t)
	} else {
		fmt.Fprintln(t, "\tthe log does not have it before the message")
	}
	fmt.Fprintf(t, "language model\t%s\n", opinion(e.Model))
}

// printModels names what the policy judged with.
func (e *explanation) printModels(t io.Writer) {
	if e.Policy.ModelHash == nil {
		fmt.Fprintln(t, "classifier\tnone")
	} else {
		fmt.Fprintf(t, "classifier\t%s\n\t%s\n", *e.Policy.ModelHash, origin(e.Policy.ModelShipped))
	}
	for _, list := range e.Policy.Lists {
		fmt.Fprintf(t, "list\t%s, %s entries, %s\n", audit.Printable(list.Name), audit.Count(int64(list.Entries)), list.Hash)
	}
}

func origin(shipped bool) string {
	if shipped {
		return "this program's own"
	}
	return "a file's or another release's"
}

// opinion says what a language model said.
func opinion(m *domain.ModelOpinion) string {
	switch {
	case m == nil:
		return "not asked"
	case m.Failure != nil:
		return fmt.Sprintf("%s was asked and gave no answer: %s", audit.Printable(m.Model), audit.Printable(*m.Failure))
	case m.Label != nil && m.Score != nil:
		return fmt.Sprintf("%s said %s, %.2f", audit.Printable(m.Model), audit.Printable(*m.Label), *m.Score)
	}
	return audit.Printable(m.Model) + " was asked"
}

func (e *explanation) printReasons(w io.Writer) {
	switch {
	case e.PolicyHash == nil:
		fmt.Fprintln(w, "\nNobody judged it: the server that took it had no guard.")
		return
	case len(e.Reasons) == 0 && e.Policy != nil && e.Policy.Excepted:
		fmt.Fprintln(w, "\nIt was not judged: the policy excepts its sender.")
		return
	case len(e.Reasons) == 0:
		fmt.Fprintln(w, "\nNo rule met it, and the classifier found too little to count.")
		return
	}
	fmt.Fprintln(w, "\nReasons:")
	for _, r := range e.Reasons {
		fmt.Fprintf(w, "  %.2f  %s", r.Weight, audit.Printable(r.Rule))
		if r.Message != "" {
			fmt.Fprintf(w, ": %s", audit.Printable(r.Message))
		}
		fmt.Fprintln(w)
	}
}

func (e *explanation) printAgain(w io.Writer) {
	a := e.Again
	if a == nil {
		if e.PolicyHash != nil {
			fmt.Fprintf(w, "\nIt cannot be judged again: %s.\n", e.NotAgain)
		}
		return
	}
	verdict := outcomeSent
	if a.Blocked {
		verdict = outcomeBlocked
	}
	if a.Same {
		fmt.Fprintf(w, "\nJudged again by the same policy: %s, %.2f, as then.\n", verdict, a.RiskScore)
	} else {
		fmt.Fprintf(w, "\nJudged again by the same policy: %s, %.2f, which differs:\n", verdict, a.RiskScore)
		for _, why := range a.Why {
			fmt.Fprintf(w, "  %s\n", why)
		}
		for _, r := range a.Reasons {
			fmt.Fprintf(w, "  %.2f  %s\n", r.Weight, r.Rule)
		}
	}
	if len(a.Findings) > 0 {
		fmt.Fprintln(w, "\nWhat the rules found, in plain form:")
	}
	for _, f := range a.Findings {
		fmt.Fprintf(w, "  %s: \"%s\"\n", f.Rule, audit.Printable(f.Text))
	}
	if len(a.Words) > 0 {
		fmt.Fprintln(w, "\nWhat weighed most for the classifier (above 0: harmful):")
	}
	for _, word := range a.Words {
		fmt.Fprintf(w, "  %+.2f  %s\n", word.Weight, audit.Printable(word.Word))
	}
}
