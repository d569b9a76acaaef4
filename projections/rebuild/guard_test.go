package rebuild_test

import (
	"strings"

	"chainmail/domain"
)

// policyHash is that of the world's one policy.
var policyHash = strings.Repeat("ab", 32)

var (
	reasons = []domain.RiskReason{{Rule: "shouting", Weight: 0.9}, {Rule: "a \"link\"", Weight: 0.15}}
	opinion = &domain.ModelOpinion{Model: "small"}
)

// guard is one more event of the guard: a message blocked, one judged and sent, one released, one erased.
func (w *world) guard(n int) (domain.Draft, bool) {
	switch {
	case n < 10:
		return w.judge(), true
	case n < 13 || len(w.blocked) == 0:
		return w.block(), true
	case n < 15:
		return w.release(), true
	}
	b := w.blocked[0]
	position, ok := w.positions[b.MessageID]
	if ok {
		w.blocked = w.blocked[1:]
	}
	return domain.Draft{
		Stream: domain.GuardStream(b.SenderID), Erases: position,
		Data: &domain.ContentErased{MessageID: b.MessageID, SenderID: &b.SenderID, ErasedPosition: position, ErasedBy: b.SenderID, Reason: domain.ReasonSender},
	}, ok
}

// judge sends a message with reasons.
func (w *world) judge() domain.Draft {
	sent := w.send()
	m := sent.Data.(*domain.MessageSent)
	m.PolicyHash = &policyHash
	w.following = append(w.following, sent)
	return domain.Draft{Stream: domain.GuardStream(m.SenderID), Data: &domain.MessageJudged{
		MessageID: m.MessageID, SenderID: m.SenderID, RiskScore: m.RiskScore, PolicyHash: policyHash, Reasons: reasons,
	}}
}

// block keeps a message back: half of them from somebody to whom its sender has not written.
func (w *world) block() domain.Draft {
	t := w.conversations[w.random.IntN(len(w.conversations))]
	sender := t.members[w.random.IntN(len(t.members))]
	b := &domain.MessageBlocked{MessageID: w.id(), SenderID: sender, RiskScore: 0.92, PolicyHash: policyHash, Reasons: reasons}
	b.Content, b.Salt, b.ContentHash = w.words()
	if w.random.IntN(2) == 0 {
		stranger := w.id()
		b.ReceiverID, b.Model = &stranger, opinion
	} else {
		b.ConversationID = &t.id
	}
	w.blocked = append(w.blocked, b)
	return domain.Draft{Stream: domain.GuardStream(sender), Data: b}
}

// release sends the oldest blocked message, in a new conversation if it was to open one.
func (w *world) release() domain.Draft {
	b := w.blocked[0]
	w.blocked = w.blocked[1:]
	m := &domain.MessageSent{
		MessageID: w.id(), SenderID: b.SenderID, ReceiverID: b.ReceiverID, RiskScore: b.RiskScore, PolicyHash: &policyHash,
		Content: b.Content, Salt: b.Salt, ContentHash: b.ContentHash,
	}
	if b.ConversationID != nil {
		m.ConversationID = *b.ConversationID
	} else {
		t := &talk{w.id(), []domain.ID{b.SenderID, *b.ReceiverID}, true}
		m.ConversationID = t.id
		w.following = append(w.following, t.start())
		w.receive(m, *b.ReceiverID)
	}
	w.following = append(w.following, domain.Draft{Stream: domain.ConversationStream(m.ConversationID), Data: m})
	return domain.Draft{Stream: domain.GuardStream(b.SenderID), Data: &domain.MessageReleased{
		MessageID: b.MessageID, BlockedPosition: w.positions[b.MessageID], SenderID: b.SenderID,
		ReleasedID: m.MessageID, ConversationID: m.ConversationID, ReleasedBy: w.users[0],
	}}
}
