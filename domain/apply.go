package domain

import (
	"fmt"
	"slices"
)

// Apply folds one event into the state. Events come in the order of the log; those at or
// before Position are taken as applied. Types that decide nothing only move the position. An
// event that cannot be read or does not fit is an error and leaves the rest as it was, with
// the position moved on, so that one bad event does not blind a server to all that follow.
func (s *State) Apply(e Event) error {
	if e.Position <= s.Position {
		return nil
	}
	s.Position = e.Position
	if !e.Type.Deciding() {
		s.cause.goOn(e)
		return nil
	}
	data, err := Decode(e)
	if err != nil {
		return err
	}
	if err := s.fold(e, data); err != nil {
		return fmt.Errorf("apply %s at %d: %w", e.Type, e.Position, err)
	}
	return nil
}

func (s *State) fold(e Event, data Data) error {
	switch d := data.(type) {
	case *UserRegistered:
		if s.users[d.UserID] != nil {
			return fmt.Errorf("user %s is registered already", d.UserID)
		}
		s.users[d.UserID] = &User{ID: d.UserID, Role: d.Role, Active: true, Since: e.Position, decided: e.Version}
	case *UserDeactivated:
		u := s.users[d.UserID]
		if u == nil {
			return fmt.Errorf("no user %s", d.UserID)
		}
		u.Active, u.decided = false, e.Version
	case *LogKeyRotated:
		s.rotated, s.rotation = d.PublicKey, e.Version
	case *ConversationStarted:
		return s.start(e, d)
	case *ParticipantAdded:
		return s.join(e, d.ConversationID, d.UserID)
	case *ParticipantLeft:
		return s.leave(e, d.ConversationID, d.UserID)
	case *UserBlocked:
		list := s.blockList(d.UserID)
		list.blocked[d.BlockedID] = struct{}{}
		list.decided = e.Version
	case *UserUnblocked:
		list := s.blockList(d.UserID)
		delete(list.blocked, d.BlockedID)
		list.decided = e.Version
	case *GuardPolicyInstalled:
		s.policy, s.installed = d, e.Version
		s.policies[d.PolicyHash] = struct{}{}
	case *MessageReleased:
		return s.release(e, d)
	case *ProjectCreated:
		return s.project(e, d)
	case *TaskCreated:
		return s.task(e, d)
	case *TaskStatusChanged:
		return s.move(e, d)
	}
	return nil
}

func (s *State) start(e Event, d *ConversationStarted) error {
	if s.conversations[d.ConversationID] != nil {
		return fmt.Errorf("conversation %s is there already", d.ConversationID)
	}
	if d.Direct {
		if len(d.ParticipantIDs) != 2 {
			return fmt.Errorf("direct conversation %s of %d", d.ConversationID, len(d.ParticipantIDs))
		}
		p := pair(d.ParticipantIDs[0], d.ParticipantIDs[1])
		if other, found := s.direct[p]; found {
			return fmt.Errorf("direct conversation %s beside %s of the same two", d.ConversationID, other)
		}
		s.direct[p] = d.ConversationID
	}
	s.opensFor(e)
	c := &Conversation{
		ID: d.ConversationID, StarterID: d.StarterID, Direct: d.Direct,
		StartedAt: e.RecordedAt, decided: e.Version,
		members: make([]Member, 0, len(d.ParticipantIDs)),
	}
	s.conversations[c.ID] = c
	for _, id := range d.ParticipantIDs {
		s.add(c, id, e.Position)
	}
	return nil
}

func (s *State) join(e Event, conversation, user ID) error {
	c, err := s.groupToChange(conversation)
	if err != nil {
		return err
	}
	if c.Has(user) {
		return fmt.Errorf("user %s is in conversation %s already", user, conversation)
	}
	c.decided = e.Version
	s.add(c, user, e.Position)
	return nil
}

func (s *State) leave(e Event, conversation, user ID) error {
	c, err := s.groupToChange(conversation)
	if err != nil {
		return err
	}
	if !c.Has(user) {
		return fmt.Errorf("user %s is not in conversation %s", user, conversation)
	}
	c.decided = e.Version
	spans := c.spans(user)
	spans[len(spans)-1].To = e.Position
	c.current--
	return nil
}

func (s *State) groupToChange(id ID) (*Conversation, error) {
	c := s.conversations[id]
	switch {
	case c == nil:
		return nil, fmt.Errorf("no conversation %s", id)
	case c.Direct:
		return nil, fmt.Errorf("conversation %s is direct: its two people stay", id)
	}
	return c, nil
}

func (s *State) add(c *Conversation, user ID, from Position) {
	before := c.spans(user)
	at, _ := slices.BinarySearchFunc(c.members, user, func(m Member, u ID) int {
		return m.User.Compare(u)
	})
	c.members = slices.Insert(c.members, at+len(before), Member{User: user, From: from})
	c.current++
	if len(before) == 0 {
		s.memberOf[user] = append(s.memberOf[user], c.ID)
	}
}

func (s *State) blockList(user ID) *blockList {
	list := s.blocks[user]
	if list == nil {
		list = &blockList{blocked: make(map[ID]struct{})}
		s.blocks[user] = list
	}
	return list
}
