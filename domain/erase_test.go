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
		MessageID: hello, ConversationID: team, ErasedPosition: at, ErasedBy: by, Reason: reason,
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
