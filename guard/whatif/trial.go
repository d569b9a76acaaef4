package whatif

import (
	"cmp"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/guard"
)

// Trial judges past messages, titles and names by a guard, and compares with what became of them. Its memory does not grow
// with the log. One goroutine uses it.
type Trial struct {
	guard    *guard.Guard
	from     domain.Position
	examples int
	before   []domain.Event // the last ones taken, at most Context
	report   Report
	rules    map[string]int64
}

// NewTrial returns a trial of g that counts events from a position on, and keeps at most that many examples of each kind.
func NewTrial(g *guard.Guard, from domain.Position, examples int) *Trial {
	return &Trial{guard: g, from: from, examples: examples, rules: make(map[string]int64)}
}

// chunk is how many events a goroutine judges at a time.
const chunk = 64

// Context is how many events before the first one to count a trial has to be given, where there are so many: they tell why a
// message was sent.
const Context = 2

// Take judges events on all processors. They follow on those of the last call, in order of position.
func (t *Trial) Take(events []domain.Event) error {
	known := len(t.before)
	all := slices.Concat(t.before, events)
	judgements := make([]judgement, len(events))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for start := 0; start < len(events); start += chunk {
		group.Go(func() (err error) {
			for i := start; i < min(start+chunk, len(events)) && err == nil; i++ {
				at := known + i
				if all[at].Position >= t.from {
					judgements[i], err = judge(t.guard, &all[at], all[max(0, at-Context):at])
				}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range judgements {
		t.count(&judgements[i])
	}
	t.before = slices.Clone(all[max(0, len(all)-Context):])
	return nil
}

func (t *Trial) count(j *judgement) {
	switch j.subject {
	case message:
		t.countMessage(j)
	case title:
		t.countText(&t.report.Titles, j)
	case name:
		t.countText(&t.report.Names, j)
	}
}

func (t *Trial) countMessage(j *judgement) {
	m := &t.report.Messages
	switch {
	case j.released:
		m.Released++
		return
	case j.erased:
		m.Erased++
		return
	}
	m.Judged++
	switch {
	case j.verdict.Blocked && !j.past.blocked:
		m.NewlyBlocked.add(t.examples, j)
	case j.past.blocked && !j.verdict.Blocked:
		m.NewlyAllowed.add(t.examples, j)
	case j.past.blocked:
		m.StillBlocked++
	default:
		m.StillSent++
	}
	if j.verdict.Uncertain && !j.heard {
		m.WouldAsk.add(t.examples, j)
	}
	if j.excepted {
		m.Excepted++
	}
	if j.past.unjudged {
		m.Unjudged++
	}
	for _, r := range j.verdict.Reasons {
		t.rules[r.Rule]++
	}
}

func (t *Trial) countText(texts *Texts, j *judgement) {
	if j.erased {
		texts.Erased++
		return
	}
	texts.Judged++
	if j.verdict.Blocked {
		texts.Refused.add(t.examples, j)
	}
}

// Report returns what was found so far, with at most that many of the rules.
func (t *Trial) Report(rules int) Report {
	r := t.report
	for _, g := range []*Group{
		&r.Messages.NewlyBlocked, &r.Messages.NewlyAllowed, &r.Messages.WouldAsk, &r.Titles.Refused, &r.Names.Refused,
	} {
		if g.Examples == nil {
			g.Examples = []Example{} // a list in JSON too
		}
	}
	r.Rules = make([]RuleCount, 0, len(t.rules))
	for rule, n := range t.rules {
		r.Rules = append(r.Rules, RuleCount{rule, n})
	}
	slices.SortFunc(r.Rules, func(a, b RuleCount) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Rule, b.Rule))
	})
	r.Rules = r.Rules[:min(rules, len(r.Rules))]
	return r
}
