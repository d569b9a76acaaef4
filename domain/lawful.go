package domain

import (
	"errors"
	"fmt"
)

// Lawful reports whether an event may follow in this state, and if not why: it is in the stream of its
// thing, its actor is the one who acts in it, and a decision on this state leads to it. Whatever a
// decision leads to is lawful where the log takes it, since the log refuses what no longer rests on what
// the decision expects. It is asked before Apply.
//
// What an event says of a message is for whoever knows the messages: [State.Recipient] and
// [State.MayErase] help. Whose notification was read is for whoever knows the notifications. So are the log's keys and seals, which are signed. Limits of what a person may write
// are rules of the door and not of the log: they may change.
func (s *State) Lawful(e Event, d Data) error {
	if prefix, id := home(d); !e.Stream.is(prefix, id) {
		return fmt.Errorf("it is in the stream %q", string(e.Stream))
	}
	actor, err := actorOf(e.Metadata)
	if err != nil {
		return err
	}
	released := s.byRelease(e, d, actor)
	if s.releasing(e) && !released {
		return fmt.Errorf("the message that was released at %d comes first", s.released.at)
	}
	switch user, acts := acting(d); {
	case !acts && !actor.IsZero() && d.Type() == TypeGuardPolicyInstalled:
		return fmt.Errorf("its actor is %s, but servers install policies", actor)
	case !acts:
	case actor != user && !released:
		return fmt.Errorf("its actor is not %s, who acts in it", user)
	case !s.Active(user):
		return fmt.Errorf("the account of %s, who acts in it, is not active", user)
	}
	return s.follows(e, d)
}

// follows has the rules that differ by type. The acting user is active.
func (s *State) follows(e Event, d Data) error {
	switch d := d.(type) {
	case *LogCreated:
		if e.Position != 1 {
			return errors.New("a log is created at position 1")
		}
	case *UserRegistered:
		return s.registers(d)
	case *UserDeactivated:
		if !s.Active(d.UserID) {
			return fmt.Errorf("there is no active account %s", d.UserID)
		}
	case *ConversationStarted:
		return s.starts(d)
	case *ParticipantAdded:
		return s.adds(d)
	case *ParticipantLeft:
		return s.leaves(d)
	case *MessageSent:
		return s.sends(d)
	case *MessageDelivered:
		return s.hasConversation(d.ConversationID)
	case *MessageRead:
		return s.hasConversation(d.ConversationID)
	case *ContentErased:
		return s.erases(d)
	case *UserBlocked:
		switch {
		case d.UserID == d.BlockedID:
			return errors.New("nobody blocks himself")
		case s.users[d.BlockedID] == nil:
			return fmt.Errorf("there is no user %s", d.BlockedID)
		case s.Blocks(d.UserID, d.BlockedID):
			return fmt.Errorf("%s is blocked already", d.BlockedID)
		}
	case *UserUnblocked:
		if !s.Blocks(d.UserID, d.BlockedID) {
			return fmt.Errorf("%s is not blocked", d.BlockedID)
		}
	case *GuardPolicyInstalled:
		return s.installs(d)
	case *MessageJudged:
		return s.judges(&d.PolicyHash, d.RiskScore)
	case *MessageBlocked:
		return s.keepsBack(d)
	case *MessageReleased:
		return s.letsPass(d)
	}
	return s.followsWork(e, d)
}

func (s *State) registers(d *UserRegistered) error {
	switch {
	case s.users[d.UserID] != nil:
		return fmt.Errorf("%s is registered already", d.UserID)
	case !d.Role.Valid():
		return fmt.Errorf("there is no role %q", string(d.Role))
	}
	return nil
}

func (s *State) starts(d *ConversationStarted) error {
	among := false
	for _, user := range d.ParticipantIDs {
		among = among || user == d.StarterID
		switch {
		case !s.Active(user):
			return fmt.Errorf("there is no active account %s", user)
		case s.Blocked(d.StarterID, user):
			return fmt.Errorf("a block stands between %s and %s", d.StarterID, user)
		}
	}
	switch n := len(d.ParticipantIDs); {
	case s.conversations[d.ConversationID] != nil:
		return fmt.Errorf("conversation %s is there already", d.ConversationID)
	case !among:
		return errors.New("the starter takes no part")
	case n < 2 || n > MaxParticipants:
		return fmt.Errorf("a conversation of %d", n)
	case !d.Direct:
		return nil
	case n != 2 || d.BodyHash != "":
		return errors.New("a direct conversation is of two and has no title")
	case s.Direct(d.ParticipantIDs[0], d.ParticipantIDs[1]) != nil:
		return errors.New("the two have a direct conversation already")
	}
	return nil
}

func (s *State) adds(d *ParticipantAdded) error {
	c, err := s.groupToChange(d.ConversationID)
	switch {
	case err != nil:
		return err
	case !c.Has(d.AddedBy):
		return fmt.Errorf("%s takes no part in the conversation", d.AddedBy)
	case !s.Active(d.UserID):
		return fmt.Errorf("there is no active account %s", d.UserID)
	case c.Has(d.UserID):
		return fmt.Errorf("%s takes part already", d.UserID)
	case s.Blocked(d.AddedBy, d.UserID):
		return fmt.Errorf("a block stands between %s and %s", d.AddedBy, d.UserID)
	case c.Size() >= MaxParticipants:
		return fmt.Errorf("the conversation has %d participants", c.Size())
	}
	return nil
}

func (s *State) leaves(d *ParticipantLeft) error {
	c, err := s.groupToChange(d.ConversationID)
	switch {
	case err != nil:
		return err
	case !c.Has(d.UserID):
		return fmt.Errorf("%s takes no part in the conversation", d.UserID)
	case s.users[d.RemovedBy].Role == RoleAdmin:
		return nil
	case !c.Has(d.RemovedBy):
		return fmt.Errorf("%s takes no part in the conversation", d.RemovedBy)
	case d.UserID != d.RemovedBy && c.StarterID != d.RemovedBy:
		return fmt.Errorf("%s may not remove others", d.RemovedBy)
	}
	return nil
}

func (s *State) sends(d *MessageSent) error {
	c := s.conversations[d.ConversationID]
	switch {
	case c == nil:
		return fmt.Errorf("there is no conversation %s", d.ConversationID)
	case !c.Has(d.SenderID):
		return fmt.Errorf("%s takes no part in the conversation", d.SenderID)
	case !c.Direct && d.ReceiverID != nil:
		return errors.New("a message to a group has no receiver")
	case c.Direct && (d.ReceiverID == nil || *d.ReceiverID != c.Other(d.SenderID)):
		return errors.New("its receiver is not the other one of the two")
	case c.Direct:
		if err := s.reaches(d.SenderID, *d.ReceiverID); err != nil {
			return err
		}
	}
	return s.judges(d.PolicyHash, d.RiskScore)
}

// reaches reports whether the one may write to the other directly.
func (s *State) reaches(sender, receiver ID) error {
	switch {
	case !s.Active(receiver):
		return fmt.Errorf("there is no active account %s", receiver)
	case s.Blocked(sender, receiver):
		return fmt.Errorf("a block stands between %s and %s", sender, receiver)
	}
	return nil
}

func (s *State) erases(d *ContentErased) error {
	switch d.Reason {
	case ReasonSender, ReasonModeration, ReasonLegal, ReasonPrivacy:
		if d.ConversationID != nil {
			return s.hasConversation(*d.ConversationID)
		}
		if s.users[*d.SenderID] == nil {
			return fmt.Errorf("there is no user %s", *d.SenderID)
		}
		return nil
	}
	return fmt.Errorf("there is no reason %q", string(d.Reason))
}

func (s *State) hasConversation(id ID) error {
	if s.conversations[id] == nil {
		return fmt.Errorf("there is no conversation %s", id)
	}
	return nil
}

// Recipient reports whether the message was to this user, who may then acknowledge it: he is another one
// who took part at its position. It is true for ever, so a later state answers as well.
func (s *State) Recipient(m MessageRef, user ID) bool {
	c := s.conversations[m.ConversationID]
	return c != nil && !m.Blocked && user != m.SenderID && c.Saw(user, m.Position)
}

// MayErase reports whether the user may erase the message's content: its sender, or an admin. An account
// must be active besides.
func (s *State) MayErase(m MessageRef, user ID) bool {
	return user == m.SenderID || s.users[user] != nil && s.users[user].Role == RoleAdmin
}
