package domain

import (
	"encoding/hex"
	"strings"
)

// RegisterUser is the wish for an account. UserID is fresh or chosen by the operator.
type RegisterUser struct {
	Actor         Actor
	UserID        ID
	Name          string
	WalletAddress string // 0x and 40 hex digits in either case; empty for none
	Role          Role
	Salt          Salt
	Evidence      *Evidence // nil for an account that an operator made
}

// Evidence is what a wallet signed when its account was registered: that its owner wanted it.
type Evidence struct {
	Message   string `json:"message"`   // of EIP-4361
	Signature string `json:"signature"` // of EIP-191: 0x and 130 hex digits
}

// Register decides a RegisterUser. A taken id or wallet is refused by the log, by its key.
func (s *State) Register(c RegisterUser) (Decision, *Refusal) {
	if r := CheckName(c.Name); r != nil {
		return Decision{}, r
	}
	if !c.Role.Valid() {
		return Decision{}, refuse(InvalidField, "role", "role is one of member, admin, service")
	}
	wallet, r := checkWallet(c.WalletAddress)
	if r != nil {
		return Decision{}, r
	}
	d := Decision{Actor: c.Actor, At: s.Position, Keys: []Key{UserKey(c.UserID)}}
	if wallet != "" {
		d.Keys = append(d.Keys, WalletKey(wallet))
	}
	d.draft(UserStream(c.UserID), &UserRegistered{
		UserID: c.UserID, Role: c.Role, Name: c.Name, WalletAddress: wallet, Salt: c.Salt, Evidence: c.Evidence,
	})
	return d, nil
}

// DeactivateUser is the wish to end an account for good.
type DeactivateUser struct {
	Actor  Actor
	UserID ID
}

// Deactivate decides a DeactivateUser. An account that is inactive already makes no event.
func (s *State) Deactivate(c DeactivateUser) (Decision, *Refusal) {
	u := s.users[c.UserID]
	if u == nil {
		return Decision{}, refuse(UserNotFound, "user_id", "there is no user "+c.UserID.String())
	}
	d := Decision{Actor: c.Actor, At: s.Position}
	s.expectUser(&d, c.UserID)
	if u.Active {
		d.draft(UserStream(c.UserID), &UserDeactivated{UserID: c.UserID})
	}
	return d, nil
}

func checkWallet(address string) (string, *Refusal) {
	if address == "" {
		return "", nil
	}
	wallet := strings.ToLower(address)
	digits, found := strings.CutPrefix(wallet, "0x")
	if raw, err := hex.DecodeString(digits); !found || err != nil || len(raw) != 20 {
		return "", refuse(InvalidField, "wallet", "a wallet address is 0x and 40 hex digits")
	}
	return wallet, nil
}
