package domain_test

import (
	"testing"

	"chainmail/domain"
)

func received(message, by domain.ID) wish { return acknowledge(message, by, false) }

func readBy(message, by domain.ID) wish { return acknowledge(message, by, true) }

func acknowledge(message, by domain.ID, read bool) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.Acknowledge(domain.Acknowledge{Actor: as(by), Message: s.messages[message], Read: read})
	}
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob, carol, root), group(team, alice, bob), said(hello, team, alice))
	delivered := events(&domain.MessageDelivered{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob})
	read := events(&domain.MessageRead{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob})
	tell(t, []tale{
		{
			name: "delivered, once", given: talk,
			when: received(hello, bob), then: delivered, keys: keys(domain.DeliveredKey(hello, bob)),
			rests: []domain.Expectation{account(bob, 1)},
		},
		{
			name: "read, once, after which delivered says nothing new", given: talk,
			when: readBy(hello, bob), then: read,
			keys: keys(domain.ReadKey(hello, bob)), claims: keys(domain.DeliveredKey(hello, bob)),
			rests: []domain.Expectation{account(bob, 1)},
		},
		{
			name: "after leaving too", given: given(talk, left(team, bob)),
			when: readBy(hello, bob), then: read,
			keys: keys(domain.ReadKey(hello, bob)), claims: keys(domain.DeliveredKey(hello, bob)),
		},
		{
			name:    "not one's own message",
			given:   talk,
			when:    received(hello, alice),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name:    "not a message of others",
			given:   talk,
			when:    received(hello, carol),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name:    "an admin is no recipient",
			given:   talk,
			when:    readBy(hello, root),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name:    "not what was said before one joined",
			given:   given(talk, added(team, carol, alice)),
			when:    received(hello, carol),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name:    "not what was said after one left",
			given:   given(registered(alice, bob), group(team, alice, bob), left(team, bob), said(hello, team, alice)),
			when:    readBy(hello, bob),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name: "not what was said while one was away",
			given: given(registered(alice, bob), group(team, alice, bob), left(team, bob),
				said(hello, team, alice), added(team, bob, alice)),
			when:    readBy(hello, bob),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name:    "not a message that is not there",
			given:   talk,
			when:    received(reply, bob),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name:    "not a message that was blocked",
			given:   given(registered(alice, bob, root), installed(strict), group(team, alice, bob), keptBack(team, alice)),
			when:    readBy(hello, bob),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name:    "not even its own sender",
			given:   given(registered(alice, bob, root), installed(strict), group(team, alice, bob), keptBack(team, alice)),
			when:    received(hello, alice),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name:    "not one that was blocked before there was a conversation",
			given:   given(registered(alice, bob), installed(strict), keptBackTo(bob, alice)),
			when:    readBy(hello, bob),
			refused: refusal(domain.MessageNotFound, "message_id"),
		},
		{
			name: "what was released like any other",
			given: given(registered(alice, bob, root), installed(strict), group(team, alice, bob), keptBack(team, alice),
				released(6, team, nil)),
			when: received(later, bob),
			then: events(&domain.MessageDelivered{MessageID: later, ConversationID: team, SenderID: alice, UserID: bob}),
			keys: keys(domain.DeliveredKey(later, bob)),
		},
		{
			name:    "not with an account that has ended",
			given:   given(talk, deactivated(bob)),
			when:    readBy(hello, bob),
			refused: refusal(domain.Forbidden, ""),
		},
	})
}

// TestAcknowledgeAheadOfState: who had left by the time of a message is known to a state that includes it.
func TestAcknowledgeAheadOfState(t *testing.T) {
	t.Parallel()
	s := historyOf(t, given(registered(alice, bob), group(team, alice, bob))).state
	ref := domain.MessageRef{ID: hello, ConversationID: team, SenderID: alice, Position: s.Position + 1}
	_, got := s.Acknowledge(domain.Acknowledge{Actor: as(bob), Message: ref})
	if got == nil || got.Code != domain.MessageNotFound || !got.FromMissing() {
		t.Errorf("got %v, want %s, so that it is decided again on a later state", got, domain.MessageNotFound)
	}
}
