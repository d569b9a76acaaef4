package domain

// Verdict is what the guard thinks of a text. The zero Verdict is nobody's: the text was not judged.
type Verdict struct {
	PolicyHash string // what it was judged by; empty when it was not
	Blocked    bool
	RiskScore  float64      // 0 to 1, two decimals
	Reasons    []RiskReason // the weightiest first
	Model      *ModelOpinion
}

// RiskReason is a rule that a text met, or a stage of the guard that is no rule, and what it adds to the
// score, which is 1 - Π(1 - weight).
type RiskReason struct {
	Rule   string  `json:"rule"`
	Weight float64 `json:"weight"` // two decimals
}

// ModelOpinion is what a language model said of a text when it was asked. Its words are not kept: they may quote the text.
type ModelOpinion struct {
	Model   string   `json:"model"`   // the model's name
	Label   *string  `json:"label"`   // a fixed word; null without an answer
	Score   *float64 `json:"score"`   // how likely the text is harmful, 0 to 1; null without an answer
	Failure *string  `json:"failure"` // why there is no answer, a fixed word; else null
}

// RuleNames are the reasons' names in order; empty, not nil, without one.
func RuleNames(reasons []RiskReason) []string {
	names := make([]string, len(reasons))
	for i, r := range reasons {
		names[i] = r.Rule
	}
	return names
}

// judged is the verdict's own event, nil where nothing needs explaining.
func (v Verdict) judged(message, sender ID) *MessageJudged {
	if len(v.Reasons) == 0 && v.Model == nil {
		return nil
	}
	return &MessageJudged{
		MessageID: message, SenderID: sender, RiskScore: v.RiskScore, PolicyHash: v.PolicyHash,
		Reasons: v.reasons(), Model: v.Model,
	}
}

// reasons is never nil: a payload has a list.
func (v Verdict) reasons() []RiskReason {
	if v.Reasons == nil {
		return []RiskReason{}
	}
	return v.Reasons
}
