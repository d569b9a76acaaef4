package auth

import "chainmail/domain"

// Actor is who acts by a token, as the metadata of events has it. A session began with a wallet unless its tokens say that it began with one
// that was minted by hand.
func (k *Keys) Actor(c Claims) domain.Actor {
	actor := domain.Actor{ID: c.Subject, SessionID: c.SessionID, Auth: domain.AuthToken}
	switch {
	case !k.CanMint():
		actor.Auth = domain.AuthExternal
	case !c.SessionID.IsZero() && c.Auth != string(domain.AuthToken):
		actor.Auth = domain.AuthWallet
	}
	return actor
}
