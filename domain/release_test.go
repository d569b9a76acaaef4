package domain_test

import (
	"testing"

	"chainmail/domain"
)

// release lets hello pass, as it was when the log was read.
func release(by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		message, at := s.keptBack(s.t, hello)
		return s.Release(domain.ReleaseMessage{
			Actor: as(by), Blocked: message, Position: at, MessageID: later, NewConversationID: fresh,
		})
	}
}

func TestReleaseToGroup(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob, carol, root), installed(strict), group(team, alice, bob), keptBack(team, alice))
	const at = 7 // where hello is
	once := keys(domain.ReleaseKey(hello))
	tell(t, []tale{
		{
			name: "an admin, who need not take part", given: talk,
			when: release(root), then: released(at, team, nil), keys: once,
			rests: []domain.Expectation{account(root, 1), account(alice, 1), members(team, 1)},
		},
		{
			name: "others may have come and gone", given: given(talk, added(team, carol, alice), left(team, bob)),
			when: release(root), then: released(at, team, nil), keys: once,
			rests: []domain.Expectation{account(root, 1), account(alice, 1), members(team, 3)},
		},
		{
			name: "a block does not hold here", given: given(talk, blocked(bob, alice)),
			when: release(root), then: released(at, team, nil), keys: once,
		},
		{name: "not its sender", given: talk, when: release(alice), refused: refusal(domain.Forbidden, "")},
		{name: "not another participant", given: talk, when: release(bob), refused: refusal(domain.Forbidden, "")},
		{name: "not nobody", given: talk, when: release(nobody), refused: refusal(domain.Forbidden, "")},
		{
			name: "not an admin whose account has ended", given: given(talk, deactivated(root)),
			when: release(root), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not when its sender has left", given: given(talk, left(team, alice)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
		{
			name: "again when he has come back", given: given(talk, left(team, alice), added(team, alice, bob)),
			when: release(root), then: released(at, team, nil), keys: once,
		},
		{
			name: "not when its sender's account has ended", given: given(talk, deactivated(alice)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
		{
			name: "not when its content was erased", given: given(talk, erasedKeptBack(root, at, domain.ReasonLegal)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
		{
			name: "not twice", given: given(talk, released(at, team, nil)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
	})
}

func TestReleaseToPerson(t *testing.T) {
	t.Parallel()
	pair := given(registered(alice, bob, root), installed(strict))
	const at = 5 // where hello is, if there was no conversation
	first := given(pair, keptBackTo(bob, alice))
	next := given(pair, direct(private, bob, alice), keptBackIn(private, bob, alice))
	once := keys(domain.ReleaseKey(hello))
	both := []domain.Expectation{account(root, 1), account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0)}
	tell(t, []tale{
		{
			name: "it opens their conversation", given: first,
			when: release(root), then: releasedInto(at, fresh, bob),
			keys: keys(domain.ReleaseKey(hello), domain.DirectKey(alice, bob)), rests: both,
		},
		{
			name: "or goes into the one that was opened meanwhile", given: given(first, direct(private, bob, alice)),
			when: release(root), then: released(at, private, &bob), keys: once, rests: both,
		},
		{
			name: "or that was there before", given: next,
			when: release(root), then: released(at+1, private, &bob), keys: once, rests: both,
		},
		{
			name: "its client_message_id stays with what was blocked", given: given(pair, named(keptBackTo(bob, alice))),
			when: release(root), then: releasedInto(at, fresh, bob), keys: keys(domain.ReleaseKey(hello), domain.DirectKey(alice, bob)),
		},
		{
			name: "not when the other blocks its sender", given: given(first, blocked(bob, alice)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
		{
			name: "not when its sender blocks the other", given: given(next, blocked(alice, bob)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
		{
			name: "a block that was taken back is none", given: given(first, blocked(bob, alice), unblocked(bob, alice)),
			when: release(root), then: releasedInto(at, fresh, bob), keys: keys(domain.ReleaseKey(hello), domain.DirectKey(alice, bob)),
		},
		{
			name: "not when the other's account has ended", given: given(first, deactivated(bob)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
		{
			name: "not when its sender's account has ended", given: given(next, deactivated(alice)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
		{
			name: "not twice, after it opened the conversation", given: given(first, releasedInto(at, fresh, bob)),
			when: release(root), refused: refusal(domain.Conflict, "id"),
		},
	})
}

// TestReleaseDecides: a release is in the stream in which its sender's blocks are decided, so what rests on these
// has to count it.
func TestReleaseDecides(t *testing.T) {
	t.Parallel()
	pair := given(registered(alice, bob, root), installed(strict), blocked(alice, root), unblocked(alice, root))
	log := given(pair, keptBackTo(bob, alice), releasedInto(7, private, bob)) // versions 1 to 4 of alice's stream
	tell(t, []tale{
		{
			name: "a message to its sender", given: log,
			when: sayTo(alice, bob), then: saidTo(alice, hello, private, bob),
			rests: []domain.Expectation{account(alice, 1), account(bob, 1), blocks(alice, 4), blocks(bob, 0)},
		},
		{
			name: "a block by its sender", given: log,
			when: block(bob, alice), then: blocked(alice, bob),
			rests: []domain.Expectation{account(alice, 1), blocks(alice, 4)},
		},
	})
}

// Who opened their conversation, and with what, is known of a release from where it stands.
func TestTwin(t *testing.T) {
	t.Parallel()
	pair := given(registered(alice, bob, root), installed(strict), keptBackTo(bob, alice))
	kept := domain.MessageRef{ID: hello, SenderID: alice, Position: 5, Blocked: true}
	for _, tc := range []struct {
		name    string
		given   []domain.Data
		want    domain.MessageRef
		unknown bool
	}{
		{"not released", pair, domain.MessageRef{}, true},
		{"released, and so its conversation opened", given(pair, releasedInto(5, fresh, bob)),
			domain.MessageRef{ID: later, ConversationID: fresh, SenderID: alice, Position: 8}, false},
		{"released into a conversation", given(pair, direct(private, bob, alice), released(5, private, &bob)),
			domain.MessageRef{ID: later, ConversationID: private, SenderID: alice, Position: 8}, false},
		{"with another conversation right after it", given(pair, direct(private, bob, alice), released(5, private, &bob), group(team, alice, bob)),
			domain.MessageRef{ID: later, ConversationID: private, SenderID: alice, Position: 8}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			log := historyOf(t, tc.given)
			if got, found := log.state.Twin(hello); got != tc.want || found == tc.unknown {
				t.Errorf("of what was blocked: got %+v, %t", got, found)
			}
			got, found := log.state.Twin(later)
			if found == tc.unknown || found && got != kept {
				t.Errorf("of what was sent: got %+v, %t", got, found)
			}
			if !tc.unknown && log.messages[later] != tc.want {
				t.Errorf("the log has it as %+v", log.messages[later])
			}
		})
	}
}
