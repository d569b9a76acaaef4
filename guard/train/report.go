package train

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Row is how a classifier did on some messages at the blocking threshold.
type Row struct {
	Source, Label  string // "" for all
	Bad, Caught    int    // bad messages, and how many were blocked
	Benign, Missed int    // benign messages, and how many were blocked by mistake
}

// Precision returns the share of bad messages among the blocked.
func (r Row) Precision() float64 { return share(r.Caught, r.Caught+r.Missed) }

// Recall returns the share of the bad messages that were blocked.
func (r Row) Recall() float64 { return share(r.Caught, r.Bad) }

// F1 returns the harmonic mean of precision and recall.
func (r Row) F1() float64 { return share(2*r.Caught, r.Caught+r.Missed+r.Bad) }

// FalsePositives returns the share of the benign messages that were blocked.
func (r Row) FalsePositives() float64 { return share(r.Missed, r.Benign) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Report is how a classifier did on messages that it had not learnt from.
type Report struct {
	Total  Row
	Points []Row // at other thresholds: Source names the rate of benign messages blocked
	Rows   []Row // by source, then label

	Uncertain int // benign messages that are neither blocked nor cleared; 0 where only blocking was measured
}

// validation measures cross-validated sums. A fold's thresholds come from the other folds.
func (c *corpus) validation(z sums) Report {
	var r Report
	r.Total, r.Rows = c.tabulate(c.blocked(z, blockRate))
	for _, rate := range []float64{0.001, blockRate, 0.005, 0.01, 0.02} {
		row, _ := c.tabulate(c.blocked(z, rate))
		row.Source = fmt.Sprintf("%.2g%%", 100*rate)
		r.Points = append(r.Points, row)
	}
	return r
}

// blocked returns the verdict on each measured message.
func (c *corpus) blocked(z sums, rate float64) map[int]bool {
	verdicts := map[int]bool{}
	for fold := range Folds {
		var others []int
		for _, i := range c.measured() {
			if foldOf(c.group[i]) != fold {
				others = append(others, i)
			}
		}
		points := block(c.messages, z, others, rate)
		for _, i := range c.measured() {
			if foldOf(c.group[i]) == fold {
				verdicts[i] = distance(z, points, i) > 0
			}
		}
	}
	return verdicts
}

// tabulate counts verdicts, in total and by source and label.
func (c *corpus) tabulate(verdicts map[int]bool) (total Row, rows []Row) {
	by := map[[2]string]*Row{}
	for i, blocked := range verdicts {
		m := c.messages[i]
		key := [2]string{m.Source, m.Label}
		if by[key] == nil {
			by[key] = &Row{Source: m.Source, Label: m.Label}
		}
		for _, row := range []*Row{&total, by[key]} {
			row.count(m.Bad(), blocked)
		}
	}
	for _, row := range by {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Label, b.Label)) })
	return total, rows
}

func (r *Row) count(bad, blocked bool) {
	n := 0
	if blocked {
		n = 1
	}
	if bad {
		r.Bad++
		r.Caught += n
	} else {
		r.Benign++
		r.Missed += n
	}
}

// Unseen returns how a classifier does on each source when it has learnt from the others alone: an estimate for messages from elsewhere. The thresholds
// are those of a cross-validation over all.
func Unseen(messages []Message) (Report, error) {
	if err := enough(messages); err != nil {
		return Report{}, fmt.Errorf("measure on unseen sources: %w", err)
	}
	c := newCorpus(messages)
	var sources []string
	for _, i := range c.measured() {
		if !slices.Contains(sources, messages[i].Source) {
			sources = append(sources, messages[i].Source)
		}
	}
	if len(sources) < 2 {
		return Report{}, fmt.Errorf("measure on unseen sources: %w", errNoSource)
	}
	points := block(messages, c.crossValidate(), c.measured(), blockRate)
	z := c.heldOut(len(sources), func(i int) int { return slices.Index(sources, messages[i].Source) })
	verdicts := map[int]bool{}
	for _, i := range c.measured() {
		verdicts[i] = distance(z, points, i) > 0
	}
	var r Report
	r.Total, r.Rows = c.tabulate(verdicts)
	return r, nil
}

// Markdown returns the report as tables.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "precision %.3f, recall %.3f, F1 %.3f, false positives %.2f%% (%d of %d benign, %d of %d bad blocked)\n",
		r.Total.Precision(), r.Total.Recall(), r.Total.F1(), 100*r.Total.FalsePositives(), r.Total.Missed, r.Total.Benign, r.Total.Caught, r.Total.Bad)
	if len(r.Points) > 0 {
		b.WriteString("\n| threshold for false positives of | precision | recall | F1 | false positives |\n|---|---|---|---|---|\n")
	}
	for _, p := range r.Points {
		fmt.Fprintf(&b, "| %s | %.3f | %.3f | %.3f | %.2f%% |\n", p.Source, p.Precision(), p.Recall(), p.F1(), 100*p.FalsePositives())
	}
	b.WriteString("\n| source | label | messages | blocked | share |\n|---|---|---|---|---|\n")
	for _, row := range r.Rows {
		n, blocked := row.Bad+row.Benign, row.Caught+row.Missed
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %.1f%% |\n", row.Source, row.Label, n, blocked, 100*share(blocked, n))
	}
	return b.String()
}
