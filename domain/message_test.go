package domain_test

import (
	"strings"
	"testing"

	"chainmail/domain"
)

// send fills in what every SendMessage of these tables has in common.
func send(c domain.SendMessage) wish {
	c.MessageID, c.NewConversationID, c.Salt = hello, fresh, salt
	if c.Content == "" {
		c.Content = "hello"
	}
	return func(s stage) (domain.Decision, *domain.Refusal) { return s.Send(c) }
}

func sayTo(receiver, by domain.ID) wish {
	return send(domain.SendMessage{Actor: as(by), ReceiverID: receiver})
}

func sayIn(conversation, by domain.ID) wish {
	return send(domain.SendMessage{Actor: as(by), ConversationID: conversation})
}

func TestSendToPerson(t *testing.T) {
	t.Parallel()
	pair := registered(alice, bob)
	tell(t, []tale{
		{
			name:  "the first message opens the direct conversation",
			given: pair,
			when:  sayTo(bob, alice),
			then:  given(direct(fresh, alice, bob), saidTo(bob, hello, fresh, alice)),
			keys:  keys(domain.DirectKey(alice, bob)),
			rests: []domain.Expectation{account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0)},
		},
		{
			name:  "the next one goes into it, whoever opened it",
			given: given(pair, direct(private, bob, alice)),
			when:  sayTo(bob, alice),
			then:  saidTo(bob, hello, private, alice),
			rests: []domain.Expectation{account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0)},
		},
		{
			name:  "the conversation may be named instead",
			given: given(pair, direct(private, bob, alice)),
			when:  sayIn(private, alice),
			then:  saidTo(bob, hello, private, alice),
			rests: []domain.Expectation{
				account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0), members(private, 1),
			},
		},
		{
			name:  "a group of the same two is something else",
			given: given(pair, group(team, alice, bob)),
			when:  sayTo(bob, alice),
			then:  given(direct(fresh, alice, bob), saidTo(bob, hello, fresh, alice)),
			keys:  keys(domain.DirectKey(alice, bob)),
		},
		{
			name:  "a block that was taken back is none",
			given: given(pair, blocked(bob, alice), unblocked(bob, alice)),
			when:  sayTo(bob, alice),
			then:  given(direct(fresh, alice, bob), saidTo(bob, hello, fresh, alice)),
			keys:  keys(domain.DirectKey(alice, bob)),
			rests: []domain.Expectation{account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 2)},
		},
		{name: "not to oneself", given: pair, when: sayTo(alice, alice), refused: refusal(domain.InvalidField, "receiver_id")},
		{name: "not to nobody", given: pair, when: sayTo(nobody, alice), refused: refusal(domain.ReceiverNotFound, "receiver_id")},
		{
			name:    "not to an account that has ended",
			given:   given(pair, direct(private, alice, bob), deactivated(bob)),
			when:    sayTo(bob, alice),
			refused: refusal(domain.ReceiverNotFound, "receiver_id"),
		},
		{
			name:    "not from an account that has ended",
			given:   given(pair, deactivated(alice)),
			when:    sayTo(bob, alice),
			refused: refusal(domain.Forbidden, ""),
		},
		{name: "not from nobody", given: pair, when: sayTo(bob, nobody), refused: refusal(domain.Forbidden, "")},
		{
			name:    "not to who blocked the sender",
			given:   given(pair, blocked(bob, alice)),
			when:    sayTo(bob, alice),
			refused: refusal(domain.Forbidden, "receiver_id"),
		},
		{
			name:    "not to whom the sender blocked",
			given:   given(pair, blocked(alice, bob)),
			when:    sayTo(bob, alice),
			refused: refusal(domain.Forbidden, "receiver_id"),
		},
		{
			name:    "a block holds in a direct conversation that is there",
			given:   given(pair, direct(private, alice, bob), blocked(bob, alice)),
			when:    sayIn(private, alice),
			refused: refusal(domain.Forbidden, "conversation_id"),
		},
		{
			name:    "so does the end of the other's account",
			given:   given(pair, direct(private, alice, bob), deactivated(bob)),
			when:    sayIn(private, alice),
			refused: refusal(domain.ReceiverNotFound, "conversation_id"),
		},
	})
}

func TestSendToGroup(t *testing.T) {
	t.Parallel()
	three := given(registered(alice, bob, carol), group(team, alice, bob))
	tell(t, []tale{
		{
			name:  "everybody in it gets it",
			given: three,
			when:  sayIn(team, bob),
			then:  said(hello, team, bob),
			rests: []domain.Expectation{account(bob, 1), members(team, 1)},
		},
		{
			name:  "messages change nobody's rights, members do",
			given: given(three, said(reply, team, bob), added(team, carol, bob), said(reply, team, bob)),
			when:  sayIn(team, carol),
			then:  said(hello, team, carol),
			rests: []domain.Expectation{account(carol, 1), members(team, 3)},
		},
		{
			name:  "a block does not hold here",
			given: given(three, blocked(alice, bob)),
			when:  sayIn(team, bob),
			then:  said(hello, team, bob),
		},
		{
			name:  "others may have left",
			given: given(three, left(team, alice)),
			when:  sayIn(team, bob),
			then:  said(hello, team, bob),
		},
		{name: "not from outside", given: three, when: sayIn(team, carol), refused: refusal(domain.NotAParticipant, "conversation_id")},
		{
			name:    "not after leaving",
			given:   given(three, left(team, bob)),
			when:    sayIn(team, bob),
			refused: refusal(domain.NotAParticipant, "conversation_id"),
		},
		{
			name:  "again after coming back",
			given: given(three, left(team, bob), added(team, bob, alice)),
			when:  sayIn(team, bob),
			then:  said(hello, team, bob),
		},
		{name: "not into nothing", given: three, when: sayIn(fresh, alice), refused: refusal(domain.ConversationNotFound, "conversation_id")},
		{
			name:    "not without an address",
			given:   three,
			when:    send(domain.SendMessage{Actor: as(alice)}),
			refused: refusal(domain.ConversationNotFound, "conversation_id"),
		},
	})
}

func TestSendOnce(t *testing.T) {
	t.Parallel()
	three := given(registered(alice, bob), group(team, alice, bob))
	named := func(clientMessageID string) wish {
		return send(domain.SendMessage{Actor: as(alice), ConversationID: team, ClientMessageID: clientMessageID})
	}
	longest := strings.Repeat("é", domain.MaxClientMessageID/2)
	withClientID := func(clientMessageID string) []domain.Data {
		m := messageSent(hello, team, alice)
		m.ClientMessageID = &clientMessageID
		return events(m)
	}
	toBob := withClientID("c-1")[0].(*domain.MessageSent)
	toBob.ConversationID, toBob.ReceiverID = fresh, &bob
	tell(t, []tale{
		{
			name: "a client_message_id can be used once by its sender", given: three,
			when: named("c-1"), then: withClientID("c-1"), keys: keys(domain.SendKey(alice, "c-1")),
		},
		{
			name: "its key comes before that of the conversation", given: three,
			when: send(domain.SendMessage{Actor: as(alice), ReceiverID: bob, ClientMessageID: "c-1"}),
			then: given(direct(fresh, alice, bob), events(toBob)),
			keys: keys(domain.SendKey(alice, "c-1"), domain.DirectKey(alice, bob)),
		},
		{
			name: "64 bytes, whatever they mean", given: three,
			when: named(longest), then: withClientID(longest), keys: keys(domain.SendKey(alice, longest)),
		},
		{name: "65 bytes", given: three, when: named(longest + "x"), refused: refusal(domain.InvalidField, "client_message_id")},
		{name: "no UTF-8", given: three, when: named("\xff"), refused: refusal(domain.InvalidField, "client_message_id")},
		{name: "with U+0000", given: three, when: named("a\x00b"), refused: refusal(domain.InvalidField, "client_message_id")},
	})
}

func TestSendContent(t *testing.T) {
	t.Parallel()
	three := given(registered(alice, bob), group(team, alice, bob))
	words := func(content string) wish {
		return send(domain.SendMessage{Actor: as(alice), ConversationID: team, Content: content})
	}
	tell(t, []tale{
		{name: "nothing but white space", given: three, when: words(" \n\t"), refused: refusal(domain.InvalidField, "content")},
		{
			name: "too much", given: three,
			when: words(strings.Repeat("x", domain.MaxContent+1)), refused: refusal(domain.TooLarge, "content"),
		},
	})
}
