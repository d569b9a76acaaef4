package domain_test

import (
	"testing"

	"chainmail/domain"
)

func erase(message, by domain.ID, reason domain.Reason) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.Erase(domain.EraseContent{Actor: as(by), Message: s.messages[message], Reason: reason})
	}
}

func erased(by domain.ID, at domain.Position, reason domain.Reason) []domain.Data {
	return events(&domain.ContentErased{
		MessageID: hello, ConversationID: &team, ErasedPosition: at, ErasedBy: by, Reason: reason,
	})
}

func TestErase(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob, carol, root), group(team, alice, bob), said(hello, team, alice))
	const at = 6 // where hello is
	once := keys(domain.EraseKey(hello))
	tell(t, []tale{
		{
			name: "the sender, once", given: talk,
			when: erase(hello, alice, domain.ReasonSender), then: erased(alice, at, domain.ReasonSender), keys: once,
			rests: []domain.Expectation{account(alice, 1)},
		},
		{
			name: "the sender after leaving", given: given(talk, left(team, alice)),
			when: erase(hello, alice, domain.ReasonPrivacy), then: erased(alice, at, domain.ReasonPrivacy), keys: once,
		},
		{
			name: "an admin, who need not take part", given: talk,
			when: erase(hello, root, domain.ReasonModeration), then: erased(root, at, domain.ReasonModeration), keys: once,
		},
		{
			name: "for the law", given: talk,
			when: erase(hello, root, domain.ReasonLegal), then: erased(root, at, domain.ReasonLegal), keys: once,
		},
		{
			name: "not who received it", given: talk,
			when: erase(hello, bob, domain.ReasonPrivacy), refused: refusal(domain.Forbidden, "message_id"),
		},
		{
			name: "who cannot see it is not told that it is there", given: talk,
			when: erase(hello, carol, domain.ReasonPrivacy), refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name: "not a message that is not there, an admin neither", given: talk,
			when: erase(reply, root, domain.ReasonLegal), refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name: "not for any other reason", given: talk,
			when: erase(hello, alice, "boredom"), refused: refusal(domain.InvalidField, "reason"),
		},
		{
			name: "not with an account that has ended", given: given(talk, deactivated(alice)),
			when: erase(hello, alice, domain.ReasonSender), refused: refusal(domain.Forbidden, ""),
		},
	})
}

func TestEraseBlocked(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob, carol, root), installed(strict), group(team, alice, bob), keptBack(team, alice))
	const at = 7 // where hello is
	once := keys(domain.EraseKey(hello), domain.ReleaseKey(hello))
	tell(t, []tale{
		{
			name: "the sender, and then nobody releases it", given: talk,
			when: erase(hello, alice, domain.ReasonSender), then: erasedKeptBack(alice, at, domain.ReasonSender), keys: once,
			rests: []domain.Expectation{account(alice, 1)},
		},
		{
			name: "the sender after leaving", given: given(talk, left(team, alice)),
			when: erase(hello, alice, domain.ReasonPrivacy), then: erasedKeptBack(alice, at, domain.ReasonPrivacy), keys: once,
		},
		{
			name: "an admin", given: talk,
			when: erase(hello, root, domain.ReasonLegal), then: erasedKeptBack(root, at, domain.ReasonLegal), keys: once,
		},
		{
			name: "before there was a conversation", given: given(registered(alice, bob), installed(strict), keptBackTo(bob, alice)),
			when: erase(hello, alice, domain.ReasonSender), then: erasedKeptBack(alice, 4, domain.ReasonSender), keys: once,
		},
		{
			name: "another participant is not told that it is there", given: talk,
			when: erase(hello, bob, domain.ReasonPrivacy), refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name: "a stranger neither", given: talk,
			when: erase(hello, carol, domain.ReasonPrivacy), refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name: "nor whom it was for", given: given(registered(alice, bob), installed(strict), keptBackTo(bob, alice)),
			when: erase(hello, bob, domain.ReasonPrivacy), refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name: "not with an account that has ended", given: given(talk, deactivated(alice)),
			when: erase(hello, alice, domain.ReasonSender), refused: refusal(domain.Forbidden, ""),
		},
	})
}

// What was blocked and released is in the log twice.
func TestEraseReleased(t *testing.T) {
	t.Parallel()
	all := given(registered(alice, bob, root), installed(strict))
	group := given(all, group(team, alice, bob), keptBack(team, alice), released(6, team, nil)) // hello at 6, later at 8
	opened := given(all, keptBackTo(bob, alice), releasedInto(5, fresh, bob))                   // hello at 5, later at 8
	fromKept := keys(domain.EraseKey(later), domain.EraseKey(hello))
	fromSent := keys(domain.EraseKey(hello), domain.EraseKey(later))
	const sender, law = domain.ReasonSender, domain.ReasonLegal
	tell(t, []tale{
		{
			name: "by the message that was sent", given: group, when: erase(later, alice, sender),
			then: given(erasedKeptBack(alice, 6, sender), erasedLater(team, alice, 8, sender)), keys: fromSent,
			rests: []domain.Expectation{account(alice, 1)},
		},
		{
			name: "by the one that was blocked", given: group, when: erase(hello, root, law),
			then: given(erasedLater(team, root, 8, law), erasedKeptBack(root, 6, law)), keys: fromKept,
			rests: []domain.Expectation{account(root, 1)},
		},
		{
			name: "by the message that opened a conversation", given: opened, when: erase(later, root, law),
			then: given(erasedKeptBack(root, 5, law), erasedLater(fresh, root, 8, law)), keys: fromSent,
		},
		{
			name: "by the one that was blocked before there was one", given: opened, when: erase(hello, alice, sender),
			then: given(erasedLater(fresh, alice, 8, sender), erasedKeptBack(alice, 5, sender)), keys: fromKept,
		},
		{
			name: "its receiver has it, but may not", given: opened,
			when: erase(later, bob, domain.ReasonPrivacy), refused: refusal(domain.Forbidden, "message_id"),
		},
		{
			name: "and knows nothing of the blocked one", given: opened,
			when: erase(hello, bob, domain.ReasonPrivacy), refused: refusal(domain.MessageNotFound, "message_id"),
		},
	})
}

// Of the two places one may be erased already: by a server of the release before, which knew of one only. The other one is erased
// then, whichever is named.
func TestEraseTheRest(t *testing.T) {
	t.Parallel()
	half := given(registered(alice, bob, root), installed(strict), group(team, alice, bob), keptBack(team, alice), released(6, team, nil))
	const law = domain.ReasonLegal
	rest := func(message, gone domain.ID) wish {
		return func(s stage) (domain.Decision, *domain.Refusal) {
			return s.Erase(domain.EraseContent{
				Actor: as(root), Message: s.messages[message], Reason: law, Gone: keys(domain.EraseKey(gone)),
			})
		}
	}
	kept, sent := erasedKeptBack(root, 6, law), erasedLater(team, root, 8, law)
	tell(t, []tale{
		{name: "the sent one, by itself", given: given(half, sent), when: rest(later, later), then: kept, keys: keys(domain.EraseKey(hello))},
		{name: "the sent one, by the other", given: given(half, sent), when: rest(hello, later), then: kept, keys: keys(domain.EraseKey(hello))},
		{name: "the blocked one, by itself", given: given(half, kept), when: rest(hello, hello), then: sent, keys: keys(domain.EraseKey(later))},
		{name: "the blocked one, by the other", given: given(half, kept), when: rest(later, hello), then: sent, keys: keys(domain.EraseKey(later))},
	})
}

// A state that ends within the commit of a release does not know where the message is: between the two may be the
// start of its conversation.
func TestEraseWithinRelease(t *testing.T) {
	t.Parallel()
	history := given(registered(alice, bob, root), installed(strict), keptBackTo(bob, alice), releasedInto(5, fresh, bob))
	for after := 6; after <= len(history); after++ {
		log := historyOf(t, history[:after])
		d, got := log.state.Erase(domain.EraseContent{Actor: as(alice), Message: log.messages[hello], Reason: domain.ReasonSender})
		switch {
		case after == len(history):
			checkEvents(t, d.Drafts, given(erasedLater(fresh, alice, 8, domain.ReasonSender), erasedKeptBack(alice, 5, domain.ReasonSender)))
		case got == nil || got.Code != domain.MessageNotFound || !got.FromMissing():
			t.Errorf("after %d: got %v, %v, want %s", after, d.Drafts, got, domain.MessageNotFound)
		}
	}
}

// A state that ends before the message does not know whether it was released: it is decided again on a later one.
func TestEraseAheadOfState(t *testing.T) {
	t.Parallel()
	s := historyOf(t, given(registered(alice, root), installed(strict))).state
	for name, m := range map[string]domain.MessageRef{
		"blocked": {ID: hello, SenderID: alice, Position: s.Position + 1, Blocked: true},
		"sent":    {ID: hello, ConversationID: team, SenderID: alice, Position: s.Position + 1},
	} {
		for _, by := range []domain.ID{alice, root} {
			_, got := s.Erase(domain.EraseContent{Actor: as(by), Message: m, Reason: domain.ReasonLegal})
			if got == nil || got.Code != domain.MessageNotFound || !got.FromMissing() {
				t.Errorf("%s: got %v, want %s", name, got, domain.MessageNotFound)
			}
		}
	}
}
