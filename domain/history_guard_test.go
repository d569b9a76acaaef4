package domain_test

import (
	"reflect"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// The kinds of wishes in drawWish; rapid draws the first ones more often. Where there is a guard, messages are
// blocked, released and erased the most.
var (
	allKinds     = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 12, 13, 14, 15, 16, 17, 18}
	guardedKinds = []int{12, 10, 9, 12, 10, 9, 0, 12, 10, 9, 4, 5, 7, 3, 6, 11}
)

// drawVerdict is one of a policy that was installed, or of none.
func (w *world) drawVerdict(t *rapid.T) domain.Verdict {
	if len(w.policies) == 0 {
		return domain.Verdict{}
	}
	v := domain.Verdict{PolicyHash: rapid.SampledFrom(w.policies).Draw(t, "judged by")}
	switch rapid.IntRange(0, 4).Draw(t, "verdict") {
	case 0, 1:
		v.Blocked, v.RiskScore, v.Reasons = true, 0.9, []domain.RiskReason{because("phrase_request", 0.9)}
	case 2:
		v.RiskScore, v.Reasons = 0.35, []domain.RiskReason{because("disguised_text", 0.35)}
	case 3:
		v.Model = asked("benign", 0.1)
	case 4:
		return domain.Verdict{}
	}
	return v
}

// drawRelease is mostly an admin's wish. What he has read of the message may be old when it is decided.
func (w *world) drawRelease(t *rapid.T, actor domain.Actor) decide {
	if rapid.IntRange(0, 3).Draw(t, "who") > 0 {
		actor = as(w.users[0])
	}
	message, at := w.keptBack(t, rapid.SampledFrom(w.kept).Draw(t, "kept back"))
	c := domain.ReleaseMessage{
		Actor: actor, Blocked: message, Position: at, MessageID: w.newID(), NewConversationID: w.newID(),
	}
	return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Release(c) }
}

func (w *world) drawInstall(t *rapid.T) decide {
	p := *policy(rapid.SampledFrom([]string{"first", "second"}).Draw(t, "policy"))
	if rapid.Bool().Draw(t, "with a list") {
		p.Lists = []domain.PolicyList{{Name: "sites", Hash: hashOf("evil.example"), Entries: 1}}
	}
	return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.InstallPolicy(p), nil }
}

// openedMeanwhile reports whether the two differ only in that a message was blocked before its direct conversation
// existed, and now it does: such a message rests on none.
func openedMeanwhile(now, then domain.Decision) bool {
	if len(now.Drafts) != 1 || len(then.Drafts) != 1 {
		return false
	}
	a, ok := now.Drafts[0].Data.(*domain.MessageBlocked)
	b, both := then.Drafts[0].Data.(*domain.MessageBlocked)
	if !ok || !both || b.ConversationID != nil || a.ReceiverID == nil {
		return false
	}
	same := *a
	same.ConversationID = nil
	now.Drafts = []domain.Draft{{Stream: now.Drafts[0].Stream, Data: &same}}
	return reflect.DeepEqual(now, then)
}
