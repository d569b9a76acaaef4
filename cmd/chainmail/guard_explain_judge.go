package main

import (
	"context"
	"fmt"
	"slices"

	"chainmail/domain"
	"chainmail/guard"
	"chainmail/guard/whatif"
	"chainmail/transport/judge"
)

// secondLook is what the recorded policy says of a message today.
type secondLook struct {
	Blocked   bool                `json:"blocked"`
	RiskScore float64             `json:"risk_score"`
	Reasons   []domain.RiskReason `json:"reasons"`
	Same      bool                `json:"same"`          // as then
	Why       []string            `json:"why,omitempty"` // it may differ
	Findings  []foundText         `json:"findings"`
	Words     []weighedWord       `json:"words"` // what weighed most for the classifier, where it is a reason; above 0 for bad
}

// foundText is what a rule found, and in which form of the text.
type foundText struct {
	Rule string `json:"rule"`
	In   string `json:"in"`
	Text string `json:"text"`
}

type weighedWord struct {
	Word   string  `json:"word"`
	Weight float64 `json:"weight"`
}

// heaviestWords is how many words of the classifier's are shown.
const heaviestWords = 10

// judged looks up the policy, says in words what the reasons are, and judges again.
func (e *explanation) judged(ctx context.Context, reasons []domain.RiskReason) error {
	if e.PolicyHash == nil {
		e.NotAgain = "nobody judged it: the server that took it had no guard"
		return nil
	}
	if err := e.findPolicy(ctx, *e.PolicyHash); err != nil {
		return err
	}
	for _, r := range reasons {
		e.Reasons = append(e.Reasons, explainedReason{r, e.words(r.Rule)})
	}
	switch {
	case e.Content == nil:
		e.NotAgain = "its content is erased"
	case e.Policy == nil:
		e.NotAgain = "the log has no policy of this hash before it"
	case e.Policy.Excepted:
		e.NotAgain = "the policy excepts its sender"
	case !e.Policy.ModelShipped:
		e.NotAgain = "this program has another classifier than the one that judged"
	default:
		e.judgeAgain(reasons)
	}
	return nil
}

// policyPage is how many installed policies are read at once: each may be as long as guard.MaxPolicyBytes.
const policyPage = 16

// findPolicy takes over the policy of a hash as it was last installed before the message. A server may still have judged by an
// earlier installation, with another classifier or other lists: a message tells the hash alone.
func (e *explanation) findPolicy(ctx context.Context, hash string) error {
	installations, err := e.installations(ctx, hash)
	if err != nil || len(installations) == 0 {
		return err
	}
	last := installations[len(installations)-1]
	by, err := e.installed(last)
	if err != nil {
		return err
	}
	for _, other := range installations {
		if !other.JudgesAs(last.GuardPolicyInstalled) {
			by.Others = append(by.Others, other.at.Position)
		}
	}
	e.Policy = by
	return nil
}

// installation is the event that made a policy that of the next messages. Only the last one has its text: each may be long.
type installation struct {
	*domain.GuardPolicyInstalled
	at domain.Event
}

// installations are those of a policy before the message, in order.
func (e *explanation) installations(ctx context.Context, hash string) (all []installation, err error) {
	for after := domain.Version(0); ; {
		events, err := e.log.ReadStream(ctx, domain.PolicyStream, after, policyPage)
		if err != nil {
			return nil, err
		}
		for _, event := range events {
			if event.Position > e.Position {
				return all, nil
			}
			data, err := domain.Decode(event)
			if err != nil {
				return nil, err
			}
			if p, ok := data.(*domain.GuardPolicyInstalled); ok && p.PolicyHash == hash {
				if len(all) > 0 {
					all[len(all)-1].Policy, all[len(all)-1].at.Body = "", nil
				}
				all = append(all, installation{p, event})
			}
		}
		if len(events) < policyPage {
			return all, nil
		}
		after = events[len(events)-1].Version
	}
}

func (e *explanation) installed(p installation) (*judgedBy, error) {
	classifier := guard.ShippedClassifier()
	g, bare, err := whatif.Past(p.Policy, classifier)
	if err != nil {
		return nil, fmt.Errorf("read the policy at %d: %w", p.at.Position, err)
	}
	shipped, err := guard.ParsePolicy(guard.Shipped())
	if err != nil {
		return nil, err
	}
	by := &judgedBy{
		Position: p.at.Position, Time: optionalTime(p.at.RecordedAt), Shipped: p.PolicyHash == shipped.Hash(),
		ModelHash: p.ModelHash, ModelShipped: p.ModelHash != nil && *p.ModelHash == classifier.Hash(),
		Lists: p.Lists, Excepted: g.Exempt(e.SenderID.String()), Others: []domain.Position{}, guard: g, bare: bare,
	}
	by.Uncertain, by.Block = g.Policy().Thresholds()
	return by, nil
}

// words say what a reason means.
func (e *explanation) words(rule string) string {
	switch rule {
	case guard.ModelReason:
		return judge.ModelMessage
	case guard.UnansweredReason:
		return "A language model had to be asked, and gave no answer."
	}
	if e.Policy == nil {
		return ""
	}
	return e.Policy.guard.Message(rule)
}

// judgeAgain shows what the rules find.
func (e *explanation) judgeAgain(then []domain.RiskReason) {
	now := whatif.Again(e.Policy.guard, *e.Content, e.Model, heaviestWords)
	look := &secondLook{Blocked: now.Blocked, RiskScore: now.Score, Reasons: []domain.RiskReason{}, Findings: []foundText{}, Words: []weighedWord{}}
	for _, r := range now.Reasons {
		look.Reasons = append(look.Reasons, domain.RiskReason{Rule: r.Rule, Weight: r.Weight})
	}
	unanswered := slices.ContainsFunc(then, func(r domain.RiskReason) bool { return r.Rule == guard.UnansweredReason })
	if unanswered && now.Uncertain {
		look.Blocked = true
		look.Reasons = append(look.Reasons, domain.RiskReason{Rule: guard.UnansweredReason})
	}
	look.Same = look.Blocked == (e.Outcome != outcomeSent) && look.RiskScore == e.RiskScore && slices.Equal(look.Reasons, then)
	if !look.Same {
		look.Why = e.whyDifferent()
	}
	for _, f := range now.Findings {
		if found := (foundText{f.Rule, f.In, f.Text}); !slices.Contains(look.Findings, found) { // several patterns may find the same
			look.Findings = append(look.Findings, found)
		}
	}
	if slices.Contains(now.Names(), guard.ClassifierReason) {
		for _, w := range now.Words {
			look.Words = append(look.Words, weighedWord{w.Feature, w.Value})
		}
	}
	e.Again = look
}

// whyDifferent says what is not the same as then.
func (e *explanation) whyDifferent() []string {
	var why []string
	if e.Policy.bare {
		why = append(why, "the log has no more than the hashes of the policy's lists: they count as empty here")
	}
	if len(e.Policy.Others) > 0 {
		why = append(why, "the policy was also installed with another classifier or other lists, and a server may have judged by those")
	}
	return append(why, "this release may read texts or rules otherwise than the one that judged")
}
