package domain_test

import (
	"strings"
	"testing"

	"chainmail/domain"
)

const wallet = "0x00000000219ab540356cbb839cbe05303d7705fa"

func register(c domain.RegisterUser) wish {
	c.Actor, c.UserID, c.Salt = domain.Actor{Auth: domain.AuthCLI}, alice, salt
	return func(s stage) (domain.Decision, *domain.Refusal) { return s.Register(c) }
}

func TestRegister(t *testing.T) {
	t.Parallel()
	account := func(role domain.Role, wallet string) []domain.Data {
		return events(&domain.UserRegistered{UserID: alice, Role: role, Name: "Alice", WalletAddress: wallet, Salt: salt})
	}
	tell(t, []tale{
		{
			name: "a name is enough",
			when: register(domain.RegisterUser{Name: "Alice", Role: domain.RoleMember}),
			then: account(domain.RoleMember, ""), keys: keys(domain.UserKey(alice)), rests: []domain.Expectation{},
		},
		{
			name: "a wallet belongs to one account",
			when: register(domain.RegisterUser{Name: "Alice", Role: domain.RoleAdmin, WalletAddress: wallet}),
			then: account(domain.RoleAdmin, wallet), keys: keys(domain.UserKey(alice), domain.WalletKey(wallet)),
		},
		{
			name: "in whatever case it is written",
			when: register(domain.RegisterUser{Name: "Alice", Role: domain.RoleService, WalletAddress: strings.ToUpper(wallet)}),
			then: account(domain.RoleService, wallet), keys: keys(domain.UserKey(alice), domain.WalletKey(wallet)),
		},
		{
			name:    "not without a name",
			when:    register(domain.RegisterUser{Role: domain.RoleMember}),
			refused: refusal(domain.InvalidField, "name"),
		},
		{
			name:    "not with a name of several lines",
			when:    register(domain.RegisterUser{Name: "A\nB", Role: domain.RoleMember}),
			refused: refusal(domain.InvalidField, "name"),
		},
		{
			name:    "not with a role of one's own",
			when:    register(domain.RegisterUser{Name: "Alice", Role: "emperor"}),
			refused: refusal(domain.InvalidField, "role"),
		},
		{
			name:    "not without a role",
			when:    register(domain.RegisterUser{Name: "Alice"}),
			refused: refusal(domain.InvalidField, "role"),
		},
		{
			name:    "not with a wallet that is too short",
			when:    register(domain.RegisterUser{Name: "Alice", Role: domain.RoleMember, WalletAddress: wallet[:40]}),
			refused: refusal(domain.InvalidField, "wallet"),
		},
		{
			name:    "not with a wallet that is no hex",
			when:    register(domain.RegisterUser{Name: "Alice", Role: domain.RoleMember, WalletAddress: "0x" + strings.Repeat("xy", 20)}),
			refused: refusal(domain.InvalidField, "wallet"),
		},
		{
			name:    "not with a wallet without 0x",
			when:    register(domain.RegisterUser{Name: "Alice", Role: domain.RoleMember, WalletAddress: wallet[2:]}),
			refused: refusal(domain.InvalidField, "wallet"),
		},
	})
}

func TestDeactivate(t *testing.T) {
	t.Parallel()
	deactivate := func(user domain.ID) wish {
		return func(s stage) (domain.Decision, *domain.Refusal) {
			return s.Deactivate(domain.DeactivateUser{Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: user})
		}
	}
	tell(t, []tale{
		{
			name: "an account", given: registered(alice), when: deactivate(alice), then: deactivated(alice),
			rests: []domain.Expectation{account(alice, 1)},
		},
		{
			name: "twice is once", given: given(registered(alice), deactivated(alice)), when: deactivate(alice),
			rests: []domain.Expectation{account(alice, 2)},
		},
		{name: "not nobody", given: registered(alice), when: deactivate(nobody), refused: refusal(domain.UserNotFound, "user_id")},
	})
}
