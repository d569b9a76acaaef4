package train

import (
	"bytes"
	"fmt"

	"chainmail/guard"
)

// Judge returns the verdict of a whole guard, rules and classifier, on each message. The classifier is one that has not learnt from the message's fold, with thresholds from the other
// folds, pruned and rounded as a shipped one. Messages of Written have the zero verdict.
func Judge(messages []Message, policy *guard.Policy) ([]guard.Verdict, error) {
	if err := enough(messages); err != nil {
		return nil, fmt.Errorf("judge by a policy: %w", err)
	}
	c := newCorpus(messages)
	z := c.crossValidate()
	verdicts := make([]guard.Verdict, len(messages))
	failed := make([]error, Folds)
	parallel(Folds, func(fold int) { failed[fold] = c.judgeFold(fold, z, policy, verdicts) })
	for _, err := range failed {
		if err != nil {
			return nil, fmt.Errorf("judge by a policy: %w", err)
		}
	}
	return verdicts, nil
}

// judgeFold writes the verdicts on the messages of a fold.
func (c *corpus) judgeFold(fold int, z sums, policy *guard.Policy, verdicts []guard.Verdict) error {
	var given, held, others []int
	for _, i := range c.all() {
		if foldOf(c.group[i]) != fold {
			given = append(given, i)
		}
	}
	for _, i := range c.measured() {
		if foldOf(c.group[i]) == fold {
			held = append(held, i)
		} else {
			others = append(others, i)
		}
	}
	points := block(c.messages, z, others, blockRate)
	gap := margin(c.messages, z, others, points, uncertainRate)
	model := c.model(c.fitAll(given), points, gap)
	classifier, err := guard.ReadClassifier(bytes.NewReader(model.Encode()))
	if err != nil {
		return err
	}
	g, err := guard.New(policy, classifier)
	if err != nil {
		return err
	}
	for _, i := range held {
		verdicts[i] = g.Judge(c.messages[i].Text)
	}
	return nil
}

// Tabulate counts verdicts on the messages that counts accepts, those of Written apart.
func Tabulate(messages []Message, verdicts []guard.Verdict, counts func(Message) bool) Report {
	c := &corpus{messages: messages}
	blocked := map[int]bool{}
	uncertain := 0
	for i, m := range messages {
		if m.Source != Written && counts(m) {
			blocked[i] = verdicts[i].Blocked
			if !m.Bad() && verdicts[i].Uncertain {
				uncertain++
			}
		}
	}
	var r Report
	r.Total, r.Rows = c.tabulate(blocked)
	r.Uncertain = uncertain
	return r
}
