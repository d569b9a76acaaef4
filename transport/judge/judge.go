// Package judge gives the verdict on what people write: that of the guard's policy, and in the uncertain middle that of a
// language model too. It joins packages guard and guard/llm, which know nothing of users and events, to the words of
// package domain. What it says is recorded, so that any decision can be explained later.
package judge

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"chainmail/domain"
	"chainmail/guard"
	"chainmail/guard/llm"
)

// Judge judges by the guard that is in force at the moment. It is safe for concurrent use.
type Judge struct {
	Guard  func() *guard.Guard // the one in force: Keeper.Guard
	Model  *llm.Client         // nil: no language model is asked
	Strict bool                // what the model should have judged is blocked when it does not answer; else its score decides
	// Unanswered is told when the model gives no answer, at most once a minute; it may be nil.
	Unanswered func(error)

	turns  turns
	counts struct{ sent, uncertain, blocked, excepted atomic.Int64 }
	told   atomic.Int64 // when Unanswered was called, in nanoseconds of Unix time
}

// Counts are how many verdicts Settle has given since the start, each in one of them: on messages, titles and names, whatever became of them then.
// A repeat has one only when no language model had to be asked, for else its caller does not settle it.
type Counts struct {
	Sent      int64 // below the uncertain threshold
	Uncertain int64 // in the middle, and let through
	Blocked   int64
	Excepted  int64 // of users whom the policy excepts
}

// Counts returns the counts so far.
func (j *Judge) Counts() Counts {
	return Counts{j.counts.sent.Load(), j.counts.uncertain.Load(), j.counts.blocked.Load(), j.counts.excepted.Load()}
}

// Case is a text that is being judged.
type Case struct {
	judge    *Judge
	guard    *guard.Guard
	sender   domain.ID
	text     string
	verdict  guard.Verdict
	excepted bool
}

// Look judges by rules and classifier, which takes microseconds.
func (j *Judge) Look(sender domain.ID, text string) Case {
	c := Case{judge: j, guard: j.Guard(), sender: sender, text: text}
	if c.guard.Exempt(sender.String()) {
		c.excepted = true
		return c
	}
	c.verdict = c.guard.Judge(text)
	return c
}

// Open reports whether a language model has to be asked, so that Settle takes time.
func (c *Case) Open() bool { return c.verdict.Uncertain && c.judge.Model != nil }

// Settle gives the verdict, asking a language model when the case is open. Then it waits until few enough questions about the same sender's
// texts are under way, and for the answer no longer than the client's timeout from then on. How long it waits for its turn depends on its sender
// alone: what he may have without an answer (transport/ws/bounds.go) and what he may send in a minute bound how much is before it. When ctx ends or
// the judge is closed while it waits, there is an error and no verdict. Once the model is asked neither matters: who leaves gets no other verdict by it.
func (c *Case) Settle(ctx context.Context) (domain.Verdict, error) {
	var opinion *domain.ModelOpinion
	if c.Open() {
		done, err := c.judge.turns.take(ctx, c.sender)
		if err != nil {
			return domain.Verdict{}, err
		}
		opinion = c.ask(context.WithoutCancel(ctx))
		done()
	}
	v := domain.Verdict{
		PolicyHash: c.guard.Policy().Hash(), Blocked: c.verdict.Blocked, RiskScore: c.verdict.Score, Model: opinion,
	}
	for _, r := range c.verdict.Reasons {
		v.Reasons = append(v.Reasons, domain.RiskReason{Rule: r.Rule, Weight: r.Weight})
	}
	if opinion != nil && opinion.Failure != nil && c.judge.Strict {
		v.Blocked = true
		v.Reasons = append(v.Reasons, domain.RiskReason{Rule: guard.UnansweredReason})
	}
	c.count(v)
	return v, nil
}

// Close ends the waiting of all cases that the model has not been asked about yet. It does not close Model.
func (j *Judge) Close() { j.turns.close() }

// ask adds what the model says to the guard's verdict.
func (c *Case) ask(ctx context.Context) *domain.ModelOpinion {
	opinion := &domain.ModelOpinion{Model: c.judge.Model.Model()}
	said, err := c.judge.Model.Ask(ctx, c.text)
	if err != nil {
		failure := string(llm.Unavailable)
		if known := new(llm.Error); errors.As(err, &known) {
			failure = string(known.Failure)
		}
		opinion.Failure = &failure
		c.judge.complain(err)
		return opinion
	}
	label := string(said.Label)
	opinion.Label, opinion.Score = &label, &said.Score
	c.verdict = c.guard.WithModel(c.verdict, said.Score, ModelMessage)
	return opinion
}

// complain tells that the model does not answer, so that an operator sees why, and not in each line of his log.
func (j *Judge) complain(err error) {
	now, last := time.Now().UnixNano(), j.told.Load()
	if j.Unanswered != nil && now-last >= int64(time.Minute) && j.told.CompareAndSwap(last, now) {
		j.Unanswered(err)
	}
}

func (c *Case) count(v domain.Verdict) {
	counts := &c.judge.counts
	switch {
	case c.excepted:
		counts.excepted.Add(1)
	case v.Blocked:
		counts.blocked.Add(1)
	case c.verdict.Uncertain:
		counts.uncertain.Add(1)
	default:
		counts.sent.Add(1)
	}
}
