package audit

import (
	"strconv"
	"strings"

	"chainmail/domain"
)

// blocked tells of a message that was not sent.
func (t *Timeline) blocked(d *domain.MessageBlocked) string {
	sent := domain.MessageSent{SenderID: d.SenderID, ReceiverID: d.ReceiverID, ConversationID: orZero(d.ConversationID)}
	return "the guard blocked " + t.words(d.SenderID, t.to(&sent), d.Content, d.Erased) + "   " +
		verdictOf(d.RiskScore, d.Reasons, d.Model)
}

func (t *Timeline) judged(d *domain.MessageJudged) string {
	what := "the next message of " + t.user(d.SenderID)
	if d.MessageID == t.filter.Message {
		what = "it"
	}
	return "the guard judged " + what + "   " + verdictOf(d.RiskScore, d.Reasons, d.Model)
}

func (t *Timeline) released(e *domain.Event, d *domain.MessageReleased) string {
	what := t.it(d.MessageID, d.BlockedPosition)
	if m, known := t.message(d.MessageID); known {
		what += " after " + span(e.RecordedAt.Sub(m.at))
	}
	if d.ReleasedID == t.filter.Message {
		return t.user(d.ReleasedBy) + " released " + what + ", the message " + d.MessageID.String()
	}
	return t.user(d.ReleasedBy) + " released " + what + ": it is sent as " + d.ReleasedID.String()
}

func installed(d *domain.GuardPolicyInstalled) string {
	text := "the guard judges from here on by the policy " + shortHash(d.PolicyHash)
	if d.ModelHash != nil {
		text += ", the model " + shortHash(*d.ModelHash)
	}
	for _, list := range d.Lists {
		text += ", the list " + Printable(list.Name) + " of " + Count(int64(list.Entries)) + " entries"
	}
	return text
}

// verdictOf tells what the guard, and a language model if one was asked, thought.
func verdictOf(score float64, reasons []domain.RiskReason, model *domain.ModelOpinion) string {
	text := risk(score)
	if len(reasons) > 0 {
		text += ": " + Printable(strings.Join(domain.RuleNames(reasons), ", "))
	}
	switch m := model; {
	case m == nil:
	case m.Failure != nil:
		text += "; " + Printable(m.Model) + " gave no answer (" + Printable(*m.Failure) + ")"
	case m.Label != nil && m.Score != nil:
		text += "; " + Printable(m.Model) + " said " + Printable(*m.Label) + ", " + strconv.FormatFloat(*m.Score, 'f', 2, 64)
	}
	return text
}

func risk(score float64) string { return "risk " + strconv.FormatFloat(score, 'f', 2, 64) }

// shortHash is the beginning of a hash in hex.
func shortHash(hash string) string {
	if len(hash) > 16 {
		hash = hash[:16] + "…"
	}
	return Printable(hash)
}
