package domain_test

import (
	"testing"

	"chainmail/domain"
)

func block(user, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.Block(domain.BlockUser{Actor: as(by), UserID: user})
	}
}

func unblock(user, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.Unblock(domain.BlockUser{Actor: as(by), UserID: user})
	}
}

func TestBlock(t *testing.T) {
	t.Parallel()
	pair := registered(alice, bob)
	tell(t, []tale{
		{
			name: "another user", given: pair, when: block(bob, alice), then: blocked(alice, bob),
			rests: []domain.Expectation{account(alice, 1), blocks(alice, 0)},
		},
		{
			name: "one whose account has ended", given: given(pair, deactivated(bob)),
			when: block(bob, alice), then: blocked(alice, bob),
		},
		{
			name: "who blocks me may be blocked", given: given(pair, blocked(bob, alice)),
			when: block(bob, alice), then: blocked(alice, bob),
		},
		{
			name: "twice is once", given: given(pair, blocked(alice, bob)), when: block(bob, alice),
			rests: []domain.Expectation{account(alice, 1), blocks(alice, 1)},
		},
		{
			name: "again after taking it back", given: given(pair, blocked(alice, bob), unblocked(alice, bob)),
			when: block(bob, alice), then: blocked(alice, bob),
			rests: []domain.Expectation{account(alice, 1), blocks(alice, 2)},
		},
		{name: "not oneself", given: pair, when: block(alice, alice), refused: refusal(domain.InvalidField, "user_id")},
		{name: "not nobody", given: pair, when: block(nobody, alice), refused: refusal(domain.UserNotFound, "user_id")},
		{
			name: "not with an account that has ended", given: given(pair, deactivated(alice)),
			when: block(bob, alice), refused: refusal(domain.Forbidden, ""),
		},
	})
}

func TestUnblock(t *testing.T) {
	t.Parallel()
	pair := registered(alice, bob)
	tell(t, []tale{
		{
			name: "whom one blocked", given: given(pair, blocked(alice, bob)),
			when: unblock(bob, alice), then: unblocked(alice, bob),
			rests: []domain.Expectation{account(alice, 1), blocks(alice, 1)},
		},
		{name: "whom one did not block", given: pair, when: unblock(bob, alice)},
		{name: "who blocked me stays as he is", given: given(pair, blocked(bob, alice)), when: unblock(bob, alice)},
		{name: "nobody", given: pair, when: unblock(nobody, alice)},
		{
			name: "not with an account that has ended", given: given(pair, blocked(alice, bob), deactivated(alice)),
			when: unblock(bob, alice), refused: refusal(domain.Forbidden, ""),
		},
	})
}
