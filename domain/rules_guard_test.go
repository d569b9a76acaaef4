package domain_test

import (
	"slices"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// guardRules is what the rules of the guard have to remember.
type guardRules struct {
	policy *domain.GuardPolicyInstalled // the last one
	twins  [][2]domain.ID               // what was blocked, and the same when it was released
}

// checkGuard has the rules of what the guard leads to.
func (r *rules) checkGuard(t *rapid.T, l *log, e domain.Event) {
	must := func(ok bool, rule string) {
		if !ok {
			t.Fatalf("%s at %d: %s: %s", e.Type, e.Position, rule, e.Payload)
		}
	}
	switch d := decode(t, e).(type) {
	case *domain.GuardPolicyInstalled:
		last := r.guard.policy
		must(last == nil || last.PolicyHash != d.PolicyHash || !slices.Equal(last.Lists, d.Lists), "what is installed is not installed again")
		must(d.PolicyHash == hashOf(d.Policy), "a policy is named by its hash")
		r.guard.policy, r.once[d.PolicyHash] = d, true
	case *domain.MessageSent:
		must(d.PolicyHash == nil || r.once[*d.PolicyHash], "who judges has installed what he judges by")
	case *domain.MessageJudged:
		next, ok := decode(t, l.events[e.Position]).(*domain.MessageSent)
		must(ok && next.MessageID == d.MessageID && next.SenderID == d.SenderID, "a verdict stands before its message")
		must(next.RiskScore == d.RiskScore && *next.PolicyHash == d.PolicyHash, "a verdict is that of its message")
		must(len(d.Reasons) > 0 || d.Model != nil, "a verdict has something to say")
	case *domain.MessageBlocked:
		must(r.active[d.SenderID] && r.once[d.PolicyHash], "who judges has installed what he judges by")
		must(d.ClientMessageID == nil || !r.once[[2]any{d.SenderID, *d.ClientMessageID}], "a client_message_id is used once")
		if d.ClientMessageID != nil {
			r.once[[2]any{d.SenderID, *d.ClientMessageID}] = true
		}
		must(d.ConversationID == nil || present(t, l, *d.ConversationID, d.SenderID, e.Position), "participants talk")
		must(d.ReceiverID == nil || r.active[*d.ReceiverID] && !r.blocked(d.SenderID, *d.ReceiverID), "blocks hold")
		must(d.ConversationID != nil || d.ReceiverID != nil, "a message is for somebody")
	case *domain.MessageReleased:
		r.checkRelease(t, l, e, d)
	}
}

// checkRelease looks at what was blocked and at what follows: the same words, to the same people.
func (r *rules) checkRelease(t *rapid.T, l *log, e domain.Event, d *domain.MessageReleased) {
	must := func(ok bool, rule string) {
		if !ok {
			t.Fatalf("%s at %d: %s: %s", e.Type, e.Position, rule, e.Payload)
		}
	}
	must(r.admin(l, d.ReleasedBy) && r.active[d.ReleasedBy], "admins release")
	must(!r.once[[2]any{"released", d.MessageID}], "released once")
	must(!r.once[[2]any{"erased", d.MessageID}], "what was erased cannot be released")
	r.once[[2]any{"released", d.MessageID}] = true
	r.guard.twins = append(r.guard.twins, [2]domain.ID{d.MessageID, d.ReleasedID})

	kept := decode(t, l.events[d.BlockedPosition-1]).(*domain.MessageBlocked)
	must(kept.MessageID == d.MessageID && kept.SenderID == d.SenderID, "a release is of what was blocked")
	next := decode(t, l.events[e.Position])
	if start, ok := next.(*domain.ConversationStarted); ok {
		must(start.Direct && start.StarterID == d.SenderID && slices.Contains(start.ParticipantIDs, *kept.ReceiverID), "it opens their conversation")
		must(kept.ConversationID == nil, "they had none")
		next = decode(t, l.events[e.Position+1])
	}
	sent, ok := next.(*domain.MessageSent)
	must(ok && sent.MessageID == d.ReleasedID && sent.ConversationID == d.ConversationID, "what is released is sent")
	must(sent.ContentHash == kept.ContentHash && sent.SenderID == kept.SenderID, "it says what was blocked")
	must((sent.ReceiverID == nil) == (kept.ReceiverID == nil) && (sent.ReceiverID == nil || *sent.ReceiverID == *kept.ReceiverID), "to the same one")
	must(kept.ConversationID == nil || *kept.ConversationID == sent.ConversationID, "in the same conversation")
	must(sent.ClientMessageID == nil && sent.RiskScore == kept.RiskScore && *sent.PolicyHash == kept.PolicyHash, "with the same verdict")
}

// checkErasures: of a blocked message and its release both are erased, or none.
func (r *rules) checkErasures(t *rapid.T) {
	for _, twin := range r.guard.twins {
		if r.once[[2]any{"erased", twin[0]}] != r.once[[2]any{"erased", twin[1]}] {
			t.Fatalf("one of %v was erased and one was not", twin)
		}
	}
}
