package whatif

import (
	"strings"

	"chainmail/domain"
)

// Report is what a Trial has found so far.
type Report struct {
	Messages Messages    `json:"messages"`
	Titles   Texts       `json:"titles"`
	Names    Texts       `json:"names"`
	Rules    []RuleCount `json:"rules"` // the most frequent first
}

// Messages are counts of messages. Each one that was judged is in one of NewlyBlocked, NewlyAllowed, StillBlocked and
// StillSent.
type Messages struct {
	Judged       int64 `json:"judged"`
	NewlyBlocked Group `json:"newly_blocked"`
	NewlyAllowed Group `json:"newly_allowed"`
	StillBlocked int64 `json:"still_blocked"`
	StillSent    int64 `json:"still_sent"`

	// What follows is counted above too.

	WouldAsk Group `json:"would_ask"` // uncertain, and no language model said anything at the time: sent unless one objects
	Excepted int64 `json:"excepted"`  // of users whom the policy excepts
	Unjudged int64 `json:"unjudged"`  // judged by nobody at the time

	// What follows was not judged.

	Released int64 `json:"released"` // an admin decided
	Erased   int64 `json:"erased"`
}

// Texts are counts of titles or names.
type Texts struct {
	Judged  int64 `json:"judged"`
	Refused Group `json:"refused"`
	Erased  int64 `json:"erased"` // not judged
}

// Group is a number of texts with the first of them by position.
type Group struct {
	Count    int64     `json:"count"`
	Examples []Example `json:"examples"`
}

// Example is one text.
type Example struct {
	Position domain.Position `json:"position"`
	ID       domain.ID       `json:"id"`     // of the message, the conversation or the user
	Before   *Verdict        `json:"before"` // nil for a title, a name, and a message that nobody judged
	After    Verdict         `json:"after"`
	Text     string          `json:"text"` // its beginning, as it was written: not fit for a terminal
}

// Verdict is a score and the names of its reasons, the weightiest first.
type Verdict struct {
	RiskScore float64  `json:"risk_score"`
	Reasons   []string `json:"reasons"`
}

// RuleCount says how many messages met a rule, or had a stage of the guard among their reasons.
type RuleCount struct {
	Rule     string `json:"rule"`
	Messages int64  `json:"messages"`
}

// exampleRunes is how much of a text an example has.
const exampleRunes = 100

func (g *Group) add(limit int, j *judgement) {
	g.Count++
	if len(g.Examples) >= limit {
		return
	}
	e := Example{
		Position: j.position, ID: j.id, Text: beginning(j.text),
		After: Verdict{RiskScore: j.verdict.Score, Reasons: j.verdict.Names()},
	}
	if j.subject == message && !j.past.unjudged {
		e.Before = &Verdict{RiskScore: j.past.score, Reasons: domain.RuleNames(j.past.reasons)}
	}
	g.Examples = append(g.Examples, e)
}

// beginning returns the first runes of a text, and does not keep the rest in memory.
func beginning(text string) string {
	n := 0
	for i := range text {
		if n == exampleRunes {
			return text[:i] + "…"
		}
		n++
	}
	return strings.Clone(text)
}
