package domain_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"chainmail/domain"
)

func start(title string, by domain.ID, others ...domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		d, _, r := s.Start(domain.StartConversation{
			Actor: as(by), ID: fresh, ParticipantIDs: others, Title: title, Salt: salt,
		})
		return d, r
	}
}

// startOnce is start under an idempotency_key.
func startOnce(key, title string, by domain.ID, others ...domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		d, _, r := s.Start(domain.StartConversation{
			Actor: as(by), ID: fresh, ParticipantIDs: others, Title: title, Salt: salt, IdempotencyKey: key,
		})
		return d, r
	}
}

func add(user, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.Add(domain.AddParticipant{Actor: as(by), ConversationID: team, UserID: user})
	}
}

func remove(user, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.Remove(domain.RemoveParticipant{Actor: as(by), ConversationID: team, UserID: user})
	}
}

// crowd is n ids, in order.
func crowd(n int) []domain.ID {
	ids := make([]domain.ID, n)
	for i := range ids {
		binary.BigEndian.PutUint32(ids[i][:], uint32(i+1))
	}
	return ids
}

func TestStart(t *testing.T) {
	t.Parallel()
	people := registered(alice, bob, carol)
	full := crowd(domain.MaxParticipants)
	tell(t, []tale{
		{
			name: "with one other and no title it is their direct conversation", given: people,
			when: start("", alice, bob), then: direct(fresh, alice, bob), keys: keys(domain.DirectKey(alice, bob)),
			rests: []domain.Expectation{account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0)},
		},
		{
			name: "there is one direct conversation of two", given: given(people, direct(private, bob, alice)),
			when: start("", alice, bob),
		},
		{
			name: "with a title it is a group", given: given(people, direct(private, bob, alice)),
			when: start("Plans", alice, bob), then: started(fresh, "Plans", alice, bob),
		},
		{
			name: "once for an idempotency_key", given: people,
			when: startOnce(requestKey, "Plans", alice, bob), then: requested(started(fresh, "Plans", alice, bob)),
			keys: keys(domain.RequestKey(domain.TypeConversationStarted, alice, requestKey)),
		},
		{
			name: "a direct conversation has the key of its request and that of the two", given: people,
			when: startOnce(requestKey, "", alice, bob), then: requested(direct(fresh, alice, bob)),
			keys: keys(domain.RequestKey(domain.TypeConversationStarted, alice, requestKey), domain.DirectKey(alice, bob)),
		},
		{
			name: "one that is there takes no key", given: given(people, direct(private, bob, alice)),
			when: startOnce(requestKey, "", alice, bob),
		},
		{
			name: "not an idempotency_key that is too long", given: people,
			when:    startOnce(strings.Repeat("k", 65), "Plans", alice, bob),
			refused: refusal(domain.InvalidField, "idempotency_key"),
		},
		{
			name: "with two others it is a group", given: people,
			when: start("", alice, carol, bob), then: group(fresh, alice, bob, carol),
			rests: []domain.Expectation{
				account(alice, 1), account(bob, 1), account(carol, 1), blocks(alice, 0), blocks(bob, 0), blocks(carol, 0),
			},
		},
		{
			name: "whoever is named twice takes part once", given: people,
			when: start("", alice, carol, bob, carol, alice), then: group(fresh, alice, bob, carol),
		},
		{
			name: "whom I may not write to may have blocked another", given: given(people, blocked(bob, carol)),
			when: start("", alice, bob, carol), then: group(fresh, alice, bob, carol),
		},
		{
			name: "with a thousand", given: registered(full...),
			when: start("", full[7], full...), then: group(fresh, append([]domain.ID{full[7]}, append(full[:7:7], full[8:]...)...)...),
		},
		{
			name: "not with more than a thousand", given: given(registered(full...), registered(alice)),
			when: start("", alice, full...), refused: refusal(domain.TooLarge, "participant_ids"),
		},
		{name: "not alone", given: people, when: start("Me", alice), refused: refusal(domain.InvalidField, "participant_ids")},
		{name: "not with oneself", given: people, when: start("", alice, alice), refused: refusal(domain.InvalidField, "participant_ids")},
		{
			name: "not with nobody", given: people,
			when: start("", alice, bob, nobody), refused: refusal(domain.ReceiverNotFound, "participant_ids"),
		},
		{
			name: "not with an account that has ended", given: given(people, deactivated(carol)),
			when: start("", alice, bob, carol), refused: refusal(domain.ReceiverNotFound, "participant_ids"),
		},
		{
			name: "not with one who blocks the starter", given: given(people, blocked(carol, alice)),
			when: start("", alice, bob, carol), refused: refusal(domain.Forbidden, "participant_ids"),
		},
		{
			name: "not with one whom the starter blocks", given: given(people, blocked(alice, bob)),
			when: start("", alice, bob), refused: refusal(domain.Forbidden, "participant_ids"),
		},
		{
			name:  "a direct conversation that is there, whoever blocks the other",
			given: given(people, direct(private, alice, bob), blocked(alice, bob)), when: start("", alice, bob),
		},
		{
			name:  "a direct conversation that is there, with an account that has ended",
			given: given(people, direct(private, alice, bob), deactivated(bob)), when: start("", alice, bob),
		},
		{
			name: "not with too long a title", given: people,
			when: start(strings.Repeat("x", domain.MaxTitle+1), alice, bob), refused: refusal(domain.TooLarge, "title"),
		},
		{name: "not with an empty title", given: people, when: start(" ", alice, bob), refused: refusal(domain.InvalidField, "title")},
		{
			name: "not from an account that has ended", given: given(people, deactivated(alice)),
			when: start("", alice, bob), refused: refusal(domain.Forbidden, ""),
		},
	})
}

func TestStartNamesTheConversation(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		given []domain.Data
		title string
		want  domain.ID
	}{
		{"a direct one that is new", nil, "", fresh},
		{"a direct one that is there", direct(private, bob, alice), "", private},
		{"a group", direct(private, bob, alice), "Plans", fresh},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			log := historyOf(t, given(registered(alice, bob), tc.given))
			_, got, refusal := log.state.Start(domain.StartConversation{
				Actor: as(alice), ID: fresh, ParticipantIDs: []domain.ID{bob}, Title: tc.title,
			})
			if refusal != nil || got != tc.want {
				t.Errorf("got %s, %v, want %s", got, refusal, tc.want)
			}
		})
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob, carol, root), group(team, alice, bob))
	full := crowd(domain.MaxParticipants)
	tell(t, []tale{
		{
			name: "any participant adds", given: talk, when: add(carol, bob), then: added(team, carol, bob),
			rests: []domain.Expectation{account(bob, 1), account(carol, 1), blocks(bob, 0), blocks(carol, 0), members(team, 1)},
		},
		{
			name: "who left may come back", given: given(talk, left(team, bob)), when: add(bob, alice), then: added(team, bob, alice),
			rests: []domain.Expectation{account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0), members(team, 2)},
		},
		{name: "who is in it already", given: talk, when: add(bob, alice)},
		{name: "who is in it already, block or not", given: given(talk, blocked(bob, alice)), when: add(bob, alice)},
		{
			name: "who is blocked by another than who adds him", given: given(talk, blocked(alice, carol)),
			when: add(carol, bob), then: added(team, carol, bob),
		},
		{name: "not from outside", given: talk, when: add(dave, carol), refused: refusal(domain.NotAParticipant, "")},
		{name: "not by an admin who takes no part", given: talk, when: add(carol, root), refused: refusal(domain.NotAParticipant, "")},
		{name: "not nobody", given: talk, when: add(nobody, alice), refused: refusal(domain.ReceiverNotFound, "user_id")},
		{
			name: "not an account that has ended", given: given(talk, deactivated(carol)),
			when: add(carol, alice), refused: refusal(domain.ReceiverNotFound, "user_id"),
		},
		{
			name: "not who blocks the one who adds him", given: given(talk, blocked(carol, alice)),
			when: add(carol, alice), refused: refusal(domain.Forbidden, "user_id"),
		},
		{
			name: "not the thousand and first", given: given(registered(full...), registered(carol), group(team, full...)),
			when: add(carol, full[0]), refused: refusal(domain.TooLarge, "user_id"),
		},
		{
			name: "not into a direct conversation", given: given(registered(alice, bob, carol), direct(team, alice, bob)),
			when: add(carol, alice), refused: refusal(domain.Forbidden, "conversation_id"),
		},
		{
			name: "strangers are not told that it is direct", given: given(registered(alice, bob, carol), direct(team, alice, bob)),
			when: add(carol, carol), refused: refusal(domain.NotAParticipant, ""),
		},
		{name: "not into nothing", given: registered(alice, bob), when: add(bob, alice), refused: refusal(domain.ConversationNotFound, "conversation_id")},
		{
			name: "not with an account that has ended", given: given(talk, deactivated(alice)),
			when: add(carol, alice), refused: refusal(domain.Forbidden, ""),
		},
	})
}

func TestRemove(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob, carol, root), group(team, alice, bob))
	tell(t, []tale{
		{
			name: "everybody may leave", given: talk, when: remove(bob, bob), then: left(team, bob),
			rests: []domain.Expectation{account(bob, 1), members(team, 1)},
		},
		{name: "the starter too", given: talk, when: remove(alice, alice), then: left(team, alice)},
		{name: "the starter removes others", given: talk, when: remove(bob, alice), then: removed(team, bob, alice)},
		{name: "an admin removes others", given: talk, when: remove(bob, root), then: removed(team, bob, root)},
		{name: "nobody else does", given: talk, when: remove(alice, bob), refused: refusal(domain.Forbidden, "")},
		{name: "nobody from outside", given: talk, when: remove(bob, carol), refused: refusal(domain.NotAParticipant, "")},
		{
			name: "a starter who left neither", given: given(talk, left(team, alice)),
			when: remove(bob, alice), refused: refusal(domain.NotAParticipant, ""),
		},
		{name: "not who takes no part", given: talk, when: remove(carol, alice), refused: refusal(domain.UserNotFound, "user_id")},
		{
			name: "not twice", given: given(talk, left(team, bob)),
			when: remove(bob, alice), refused: refusal(domain.UserNotFound, "user_id"),
		},
		{
			name: "not out of a direct conversation", given: given(registered(alice, bob), direct(team, alice, bob)),
			when: remove(alice, alice), refused: refusal(domain.Forbidden, "conversation_id"),
		},
		{
			name: "not by an admin either", given: given(registered(alice, bob, root), direct(team, alice, bob)),
			when: remove(bob, root), refused: refusal(domain.Forbidden, "conversation_id"),
		},
		{name: "not out of nothing", given: registered(alice), when: remove(alice, alice), refused: refusal(domain.ConversationNotFound, "conversation_id")},
		{
			name: "not with an account that has ended", given: given(talk, deactivated(bob)),
			when: remove(bob, bob), refused: refusal(domain.Forbidden, ""),
		},
	})
}
