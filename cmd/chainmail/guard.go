package main

import (
	"bufio"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"

	"chainmail/audit"
	"chainmail/guard"
	"chainmail/guard/train"
)

type guardCommand struct {
	Check   guardCheck   `cmd:"" help:"Judge a text, or each line of a file, as a message would be judged."`
	Explain guardExplain `cmd:"" help:"Tell why a message was sent or blocked."`
	Try     guardTry     `cmd:"" help:"Try a policy on the past log: what it would newly block and newly allow."`
	Train   guardTrain   `cmd:"" help:"Train the text classifier from labelled messages, and say how good it is."`
}

func (guardCommand) Help() string {
	return "The guard judges what people write before it is sent: by the rules of a policy, by a small classifier, and, where a server" +
		" is told so, by a language model.\n\n" +
		"Example:\n  chainmail guard check 'send me your seed phrase'"
}

type guardCheck struct {
	Text string `arg:"" optional:"" help:"The text."`
	File string `placeholder:"FILE" help:"Judge each line of a file instead; - is standard input."`
	policyFlag
	JSON bool `help:"Print a line of JSON for each text."`
}

func (c *guardCheck) Help() string {
	return "Prints the verdict, the score, and the reasons. What is uncertain is sent, unless a server asks a language model that objects." +
		" Exit status 1: a text would be blocked.\n\n" +
		"Examples:\n  chainmail guard check 'send me your seed phrase'\n  chainmail guard check --file messages.txt --json"
}

// Run judges.
func (c *guardCheck) Run(s streams) (err error) {
	if (c.Text == "") == (c.File == "") {
		return errors.New("give a text or --file, not both: chainmail guard check 'hello'")
	}
	g, err := c.guard()
	if err != nil {
		return err
	}
	if c.File == "" {
		return c.judge(s, g, slices.Values([]string{c.Text}))
	}
	file := os.Stdin
	if c.File != "-" {
		if file, err = os.Open(c.File); err != nil {
			return err
		}
		defer file.Close()
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	err = c.judge(s, g, func(yield func(string) bool) {
		for lines.Scan() && yield(lines.Text()) {
		}
	})
	return errors.Join(lines.Err(), err)
}

// judge shows the verdict on each text.
func (c *guardCheck) judge(s streams, g *guard.Guard, texts iter.Seq[string]) error {
	out := bufio.NewWriter(s.out)
	count := make(map[string]int64)
	for text := range texts {
		e := g.Judge(text)
		count[verdictWord(e)]++
		if c.JSON {
			_ = printJSON(out, map[string]any{ // the writer keeps its error for Flush
				"text": text, "blocked": e.Blocked, "uncertain": e.Uncertain, "risk_score": e.Score, "reasons": e.Names(),
			})
			continue
		}
		fmt.Fprintf(out, "%-9s  %.2f  %s\n", verdictWord(e), e.Score, audit.Printable(text))
		for _, r := range e.Reasons {
			fmt.Fprintf(out, "    %.2f  %s: %s\n", r.Weight, r.Rule, r.Message)
		}
	}
	if c.File != "" && !c.JSON {
		fmt.Fprintf(out, "\n%s sent, %s uncertain, %s blocked\n",
			audit.Count(count["sent"]), audit.Count(count["uncertain"]), audit.Count(count["blocked"]))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if count["blocked"] > 0 {
		return errSilent
	}
	return nil
}

func verdictWord(v guard.Verdict) string {
	switch {
	case v.Blocked:
		return "blocked"
	case v.Uncertain:
		return "uncertain"
	}
	return "sent"
}

type guardTrain struct {
	Data string `placeholder:"FILE" help:"Labelled messages, a line of JSON each: text, label (benign, spam, scam, abuse, injection), source (default: those in the program)."`
	Out  string `required:"" placeholder:"FILE" help:"Where the model is written, as guard/model.txt."`
}

func (c *guardTrain) Help() string {
	return "The same messages give the same model, to the byte. It takes half a minute.\n\nExample:\n  chainmail guard train --out guard/model.txt"
}

// Run trains.
func (c *guardTrain) Run(s streams) error {
	messages, err := c.messages()
	if err != nil {
		return err
	}
	p := newProgress(s.err)
	p.show(fmt.Sprintf("training from %d messages", len(messages)), 0)
	model, report, err := train.Train(messages)
	p.end()
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, model, 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprint(s.out, report.Markdown())
	return err
}

func (c *guardTrain) messages() ([]train.Message, error) {
	if c.Data == "" {
		return train.Data()
	}
	file, err := os.Open(c.Data)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return train.Read(file)
}
