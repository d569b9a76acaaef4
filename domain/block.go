package domain

// BlockUser is the wish to hear nothing more from somebody in private.
type BlockUser struct {
	Actor  Actor
	UserID ID
}

// Block decides a BlockUser. Who is blocked already makes no event.
func (s *State) Block(c BlockUser) (Decision, *Refusal) {
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	if c.UserID == c.Actor.ID {
		return Decision{}, refuse(InvalidField, "user_id", "user_id is yourself: name another user")
	}
	if s.users[c.UserID] == nil {
		return Decision{}, refuse(UserNotFound, "user_id", "there is no such user")
	}
	s.expectBlocks(d, c.Actor.ID)
	if !s.Blocks(c.Actor.ID, c.UserID) {
		d.draft(GuardStream(c.Actor.ID), &UserBlocked{UserID: c.Actor.ID, BlockedID: c.UserID})
	}
	return *d, nil
}

// Unblock decides to take a block back. Who is not blocked makes no event.
func (s *State) Unblock(c BlockUser) (Decision, *Refusal) {
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	s.expectBlocks(d, c.Actor.ID)
	if s.Blocks(c.Actor.ID, c.UserID) {
		d.draft(GuardStream(c.Actor.ID), &UserUnblocked{UserID: c.Actor.ID, BlockedID: c.UserID})
	}
	return *d, nil
}
