package domain

// begin starts a decision of an actor who must have an active account; the log refuses it if
// the account changes before the append.
func (s *State) begin(actor Actor) (*Decision, *Refusal) {
	d := &Decision{Actor: actor, At: s.Position}
	if !s.Active(actor.ID) {
		return nil, refuse(Forbidden, "", "this account is not active: ask an administrator")
	}
	s.expectUser(d, actor.ID)
	return d, nil
}

func (s *State) expectUser(d *Decision, user ID) {
	var v Version
	if u := s.users[user]; u != nil {
		v = u.decided
	}
	d.Expect = append(d.Expect, Expectation{UserStream(user), v})
}

func (s *State) expectBlocks(d *Decision, user ID) {
	var v Version
	if list := s.blocks[user]; list != nil {
		v = list.decided
	}
	d.Expect = append(d.Expect, Expectation{GuardStream(user), v})
}

func (c *Conversation) expect(d *Decision) {
	d.Expect = append(d.Expect, Expectation{ConversationStream(c.ID), c.decided})
}

func (d *Decision) draft(stream StreamID, data Data) {
	d.Drafts = append(d.Drafts, Draft{Stream: stream, Data: data})
}
