package command

import (
	"context"
	"fmt"

	"chainmail/domain"
)

// RegisterWallet makes an account of the wallet that signed the evidence. The name is the server's own and is not judged. A wallet that has an account is a
// Conflict of the field "wallet".
func (s *Service) RegisterWallet(ctx context.Context, address, name string, evidence domain.Evidence) (domain.ID, error) {
	return s.register(ctx, domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthWallet}, Name: name, WalletAddress: address, Role: domain.RoleMember, Evidence: &evidence,
	})
}

// Active reports whether there is such a user and he is active. It says no only of a view that knows the whole log.
func (s *Service) Active(ctx context.Context, user domain.ID) (active bool, err error) {
	look := func(state *domain.State) { active = state.Active(user) }
	if s.view.Read(look); active {
		return true, nil
	}
	if err := s.catchUp(ctx); err != nil {
		return false, err
	}
	s.view.Read(look)
	return active, nil
}

// WalletUser returns the user whose wallet this is, zero for nobody's. The address is in lower case. When it returns, the view knows the user.
func (s *Service) WalletUser(ctx context.Context, address string) (domain.ID, error) {
	holder, err := s.log.Holder(ctx, domain.WalletKey(address))
	if err != nil || holder == 0 {
		return domain.ID{}, err
	}
	if err := s.wait(ctx, holder); err != nil {
		return domain.ID{}, err
	}
	events, err := s.log.At(ctx, holder)
	if err != nil {
		return domain.ID{}, err
	}
	if len(events) == 1 {
		data, err := domain.Decode(events[0])
		if err != nil {
			return domain.ID{}, err
		}
		if u, ok := data.(*domain.UserRegistered); ok {
			return u.UserID, nil
		}
	}
	return domain.ID{}, fmt.Errorf("no account at %d, which holds the key of a wallet", holder)
}
