package audit_test

import (
	"chainmail/domain"
)

// kept is a message that the guard blocked.
type kept struct {
	data     *domain.MessageBlocked
	position domain.Position
}

// ref names it as servers do.
func (k kept) ref() domain.MessageRef {
	ref := domain.MessageRef{ID: k.data.MessageID, SenderID: k.data.SenderID, Position: k.position, Blocked: true}
	if k.data.ConversationID != nil {
		ref.ConversationID = *k.data.ConversationID
	}
	return ref
}

// policyOf is a policy as servers install it.
func policyOf(text string) domain.GuardPolicyInstalled {
	return domain.GuardPolicyInstalled{
		PolicyHash: domain.BodyHash([]byte(text)), Policy: text,
		Lists: []domain.PolicyList{{Name: "domains", Hash: domain.BodyHash(nil), Entries: 1234}},
	}
}

// verdictBy is a verdict with something of everything.
func verdictBy(s *domain.State, blocked bool) domain.Verdict {
	label, score := "scam", 0.5
	return domain.Verdict{
		PolicyHash: s.Policy().PolicyHash, Blocked: blocked, RiskScore: 0.75,
		Reasons: []domain.RiskReason{{Rule: "seed_phrase", Weight: 0.5}, {Rule: "language_model", Weight: 0.5}},
		Model:   &domain.ModelOpinion{Model: "small", Label: &label, Score: &score},
	}
}

func (h *history) install(text string) domain.Position {
	h.t.Helper()
	return h.may(h.state.InstallPolicy(policyOf(text)), nil)
}

// judged is send with a verdict that lets pass.
func (h *history) judged(conversation, sender domain.ID, content string) domain.MessageRef {
	h.t.Helper()
	c := h.send(sender, content)
	c.ConversationID, c.Verdict = conversation, verdictBy(h.state, false)
	at := h.may(h.state.Send(c))
	return domain.MessageRef{ID: c.MessageID, ConversationID: conversation, SenderID: sender, Position: at}
}

// keepBack blocks what a wish says: in its conversation, or to its receiver.
func (h *history) keepBack(c domain.SendMessage) kept {
	h.t.Helper()
	c.Verdict = verdictBy(h.state, true)
	d, r := h.state.Send(c)
	if at := h.may(d, r); at > 0 {
		return kept{d.Drafts[0].Data.(*domain.MessageBlocked), at}
	}
	return kept{}
}

func (h *history) keepBackIn(conversation, sender domain.ID, content string) kept {
	h.t.Helper()
	c := h.send(sender, content)
	c.ConversationID = conversation
	return h.keepBack(c)
}

func (h *history) keepBackTo(receiver, sender domain.ID, content string) kept {
	h.t.Helper()
	c := h.send(sender, content)
	c.ReceiverID = receiver
	return h.keepBack(c)
}

// releasing is the decision of an admin to let a message pass.
func (h *history) releasing(k kept, admin domain.ID) domain.Decision {
	h.t.Helper()
	d, r := h.state.Release(domain.ReleaseMessage{
		Actor: as(admin), Blocked: k.data, Position: k.position, MessageID: newID(), NewConversationID: newID(),
	})
	if r != nil {
		h.t.Fatal(r)
	}
	return d
}

func (h *history) release(k kept, admin domain.ID) domain.MessageRef {
	h.t.Helper()
	d := h.releasing(k, admin)
	return sentBy(d, h.may(d, nil))
}

// sentBy is the message that a decision sends, the last of its events.
func sentBy(d domain.Decision, at domain.Position) domain.MessageRef {
	sent := d.Drafts[len(d.Drafts)-1].Data.(*domain.MessageSent)
	return domain.MessageRef{ID: sent.MessageID, ConversationID: sent.ConversationID, SenderID: sent.SenderID, Position: at}
}

func (m *memory) install(text string) { m.append(m.state.InstallPolicy(policyOf(text)), nil) }

// judge sends with a verdict; what it blocks is not sent.
func (m *memory) judge(c domain.SendMessage, blocked bool) {
	c.Verdict = verdictBy(m.state, blocked)
	c.MessageID, c.NewConversationID, c.Salt = m.id(), m.id(), domain.Salt(m.id())
	d, r := m.state.Send(c)
	if !blocked {
		m.sent(d, r)
		return
	}
	if m.append(d, r) {
		m.blocked = append(m.blocked, kept{d.Drafts[0].Data.(*domain.MessageBlocked), domain.Position(len(m.events))})
	}
}

func (m *memory) release(admin domain.ID, k kept) domain.MessageRef {
	return m.sent(m.state.Release(domain.ReleaseMessage{
		Actor: by(admin), Blocked: k.data, Position: k.position, MessageID: m.id(), NewConversationID: m.id(),
	}))
}
