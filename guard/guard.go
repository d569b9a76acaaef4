package guard

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Reasons that are no rules of the policy.
const (
	ClassifierReason = "text_classifier"
	ModelReason      = "language_model"
	UnansweredReason = "language_model_unanswered" // blocked for want of the model's answer; it weighs nothing
)

// Reason is one piece of evidence in a verdict.
type Reason struct {
	Rule    string  // the rule's name, or that of a stage: ClassifierReason, ModelReason
	Message string  // for a person
	Weight  float64 // what it adds: the score is 1 - Π(1 - Weight)
}

// Signals are what the stages said, for whoever wants to know how a score came about.
type Signals struct {
	Rules      float64  // the score of the rules alone
	Classified bool     // a classifier was asked
	Classifier float64  // its probability, 0 when none was asked
	Disguise   Disguise // the tricks met
}

// Verdict is what the guard thinks of a text.
type Verdict struct {
	Score     float64  // 0 to 1, two decimals
	Blocked   bool     // Score has reached the policy's block threshold
	Uncertain bool     // not blocked, but Score has reached the uncertain threshold
	Reasons   []Reason // the weightiest first, then in the policy's order
	Signals   Signals
}

// Names returns the reasons' names in order, as warning.reasons has them. It is empty, not nil, for a text without reasons.
func (v Verdict) Names() []string {
	names := make([]string, len(v.Reasons))
	for i, r := range v.Reasons {
		names[i] = r.Rule
	}
	return names
}

// Guard judges texts by one policy, its lists, and a classifier where there is one. It never changes, and is safe for concurrent use.
type Guard struct {
	policy     *Policy
	classifier *Classifier
	lists      map[string]*List
	matchers   sync.Pool
}

// New returns a guard. classifier may be nil: then the rules judge alone. lists must hold every list that the policy names.
func New(policy *Policy, classifier *Classifier, lists ...*List) (*Guard, error) {
	g := &Guard{policy: policy, classifier: classifier, lists: make(map[string]*List, len(lists))}
	for _, l := range lists {
		g.lists[l.Name] = l
	}
	for _, spec := range policy.lists {
		if l := g.lists[spec.name]; l == nil || l.Kind != spec.kind {
			return nil, &PolicyError{Line: spec.line, Reason: fmt.Sprintf("list %s of %s is not there", spec.name, spec.kind)}
		}
	}
	g.matchers.New = func() any { return newMatcher(g) }
	return g, nil
}

// Load reads the policy file at path, and its lists from beside it. An error names the file, and the line where there is one. The
// policy's bytes are returned too: they are what an event keeps.
func Load(path string, classifier *Classifier) (*Guard, []byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("guard policy: %w", err)
	}
	policy, err := ParsePolicy(data)
	if err != nil {
		return nil, nil, fmt.Errorf("guard policy %s: %w", path, err)
	}
	lists, err := policy.ReadLists(os.DirFS(filepath.Dir(path)))
	if err != nil {
		return nil, nil, fmt.Errorf("guard policy %s: %w", path, err)
	}
	g, err := New(policy, classifier, lists...)
	return g, data, err
}

// Policy returns the policy by which g judges.
func (g *Guard) Policy() *Policy {
	return g.policy
}

// Exempt says whether the policy excepts what this user writes.
func (g *Guard) Exempt(user string) bool {
	return slices.Contains(g.policy.exceptions.users, user)
}

// Message returns what a person reads when the rule of this name, or the classifier, is a reason; "" for a name that
// the policy does not have.
func (g *Guard) Message(name string) string {
	if name == ClassifierReason {
		return g.policy.classifier.message
	}
	for _, r := range g.policy.rules {
		if r.name == name {
			return r.message
		}
	}
	return ""
}

// Judge says what to think of a text: a message, a title, a name. The same text gets the same verdict from the same guard, always.
func (g *Guard) Judge(text string) Verdict {
	m := g.matchers.Get().(*matcher)
	defer g.matchers.Put(m)
	m.own.normalise(text)
	return g.judge(m, &m.own, nil)
}

func (g *Guard) judge(m *matcher, t *Text, explain *[]Finding) Verdict {
	m.begin(t)
	v := Verdict{Signals: Signals{Disguise: t.Disguise}}
	if m.excepts() {
		return v
	}
	v.Reasons = m.reasons(explain)
	g.settle(&v)
	v.Signals.Rules = v.Score
	if g.classifier == nil {
		return v
	}
	v.Signals.Classified = true
	v.Signals.Classifier = g.classifier.Score(t)
	w := g.policy.weights
	if v.Signals.Classifier >= w.from {
		v.Reasons = append(v.Reasons, Reason{Rule: ClassifierReason, Message: g.policy.classifier.message, Weight: round(w.classifier * v.Signals.Classifier)})
		g.settle(&v)
	}
	return v
}

// doubt is the probability from which on a language model takes a text for bad rather than good.
const doubt = 0.5

// WithModel adds what a language model said, its probability that the text is bad, to a verdict of g. The model can only add to a score; one that
// takes the text for good, with a probability below 0.5, adds nothing.
func (g *Guard) WithModel(v Verdict, probability float64, message string) Verdict {
	if !(probability >= doubt) { // NaN neither
		return v
	}
	weight := round(g.policy.weights.model * min(probability, 1))
	v.Reasons = append(slices.Clone(v.Reasons), Reason{Rule: ModelReason, Message: message, Weight: weight})
	g.settle(&v)
	return v
}

// settle works the score out of the reasons: 1 - Π(1 - weight), as if each were an independent witness. It is rounded before it
// is compared, so that what is shown is what decided.
func (g *Guard) settle(v *Verdict) {
	v.Reasons = slices.DeleteFunc(v.Reasons, func(r Reason) bool { return r.Weight == 0 })
	slices.SortStableFunc(v.Reasons, func(a, b Reason) int { return cmp.Compare(b.Weight, a.Weight) })
	innocence := 1.0
	for _, r := range v.Reasons {
		innocence *= 1 - r.Weight
	}
	v.Score = round(1 - innocence)
	v.Blocked = v.Score >= g.policy.block
	v.Uncertain = !v.Blocked && v.Score >= g.policy.uncertain && v.Score > 0
}

// round rounds to two decimals.
func round(x float64) float64 {
	return math.Round(x*100) / 100
}

// Description says exactly what judges: an event that holds it can be explained later.
type Description struct {
	Policy     string            // the policy's hash
	Classifier string            // the classifier's hash, "" without one
	Lists      []ListDescription // in the policy's order
}

// ListDescription names one list and its bytes.
type ListDescription struct {
	Name    string
	Hash    string
	Entries int
}

// Describe returns the hashes of all that g judges by.
func (g *Guard) Describe() Description {
	d := Description{Policy: g.policy.hash}
	if g.classifier != nil {
		d.Classifier = g.classifier.Hash()
	}
	for _, spec := range g.policy.lists {
		l := g.lists[spec.name]
		d.Lists = append(d.Lists, ListDescription{Name: l.Name, Hash: l.hash, Entries: l.Len()})
	}
	return d
}

// Explanation is a verdict and what led to it.
type Explanation struct {
	Verdict
	Folded   string // the text as the rules read it
	Joined   string // the same with words put together that were spelled apart; "" when there were none
	Findings []Finding
	Words    []Weight // what weighed most for the classifier
}

// Explain judges a text and tells where each rule found what it looks for, and the words that weighed most for the classifier, at most words of them.
func (g *Guard) Explain(text string, words int) Explanation {
	t := Normalise(text)
	var e Explanation
	m := g.matchers.Get().(*matcher)
	defer g.matchers.Put(m)
	e.Verdict = g.judge(m, t, &e.Findings)
	e.Folded = t.Folded
	if t.Joined != t.Folded {
		e.Joined = t.Joined
	}
	if g.classifier != nil {
		e.Words = g.classifier.Explain(t, words)
	}
	return e
}
