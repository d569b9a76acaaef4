package command

import (
	"context"

	"chainmail/domain"
	"chainmail/transport/judge"
)

// Blocked is the answer to a text that the guard keeps from being sent, now or when it was first sent.
type Blocked struct {
	Field     string // what was blocked: content, title, name
	RiskScore float64
	Reasons   []string // names of rules, the weightiest first
	Message   string   // for a person

	// Of a message only; of a title or name nothing is stored.
	MessageID       domain.ID
	ClientMessageID string
	Position        domain.Position
}

func (b *Blocked) Error() string { return "message_blocked: " + b.Message }

// UseJudge lets everything be judged that is handed over from here on. It comes before the first command; without it
// nothing is judged.
func (s *Service) UseJudge(j *judge.Judge) { s.judge = j }

// InstallPolicy appends that the guard judges by this policy from here on. What is installed already is not appended again.
func (s *Service) InstallPolicy(ctx context.Context, p domain.GuardPolicyInstalled) error {
	p.Salt = newSalt()
	_, err := s.simple(ctx, func(state *domain.State) (domain.Decision, *domain.Refusal) {
		return state.InstallPolicy(p), nil
	})
	return err
}

// judgeText judges a title or a name. Of a blocked one the server's log has a line, without the text: no event tells of it.
func (s *Service) judgeText(ctx context.Context, actor domain.ID, field, text string) error {
	if s.judge == nil {
		return nil
	}
	look := s.judge.Look(actor, text)
	v, err := look.Settle(ctx)
	if err != nil {
		return errUnjudged()
	}
	if !v.Blocked {
		return nil
	}
	names := domain.RuleNames(v.Reasons)
	s.logger.Info("a text was blocked", "field", field, "user", actor.String(), "risk_score", v.RiskScore, "reasons", names)
	return &Blocked{
		Field: field, RiskScore: v.RiskScore, Reasons: names, Message: "This " + field + " is not allowed. " + s.judge.Tell(names),
	}
}

// errUnjudged is the refusal of what the judge has no verdict on, since the server ends: that is no reason to let something pass.
func errUnjudged() *domain.Refusal {
	return &domain.Refusal{Code: unavailable, Message: "the server ends, and nothing was stored: send it again"}
}

// blocked is the answer to a message that is stored as blocked.
func (s *Service) blocked(e domain.Event, m *domain.MessageBlocked) *Blocked {
	names := domain.RuleNames(m.Reasons)
	message := "Your message was not sent."
	if s.judge != nil { // else another server judged it
		message += " " + s.judge.Tell(names)
	}
	b := &Blocked{
		Field: "content", RiskScore: m.RiskScore, Reasons: names, Message: message,
		MessageID: m.MessageID, Position: e.Position,
	}
	if m.ClientMessageID != nil {
		b.ClientMessageID = *m.ClientMessageID
	}
	return b
}
