package domain

import (
	"errors"
	"fmt"
)

// installs has the rules of GuardPolicyInstalled.
func (s *State) installs(d *GuardPolicyInstalled) error {
	if s.policy != nil && s.policy.JudgesAs(d) {
		return fmt.Errorf("the policy %s is the one in force", d.PolicyHash)
	}
	return nil
}

// judges reports whether a verdict is one of a policy that was installed. Without a policy there was none.
func (s *State) judges(policy *string, risk float64) error {
	if !(0 <= risk && risk <= 1) {
		return fmt.Errorf("a risk of %v is not from 0 to 1", risk)
	}
	if policy == nil {
		return nil
	}
	if _, found := s.policies[*policy]; !found {
		return fmt.Errorf("the policy %s was not installed", *policy)
	}
	return nil
}

// keepsBack has the rules of MessageBlocked: all that its sender needed to send it. One that names no conversation may
// stand after the start of one: the two happened at once.
func (s *State) keepsBack(d *MessageBlocked) error {
	if d.ConversationID == nil {
		if *d.ReceiverID == d.SenderID {
			return errors.New("nobody writes to himself")
		}
		if err := s.reaches(d.SenderID, *d.ReceiverID); err != nil {
			return err
		}
		return s.judges(&d.PolicyHash, d.RiskScore)
	}
	return s.sends(&MessageSent{
		ConversationID: *d.ConversationID, SenderID: d.SenderID, ReceiverID: d.ReceiverID,
		PolicyHash: &d.PolicyHash, RiskScore: d.RiskScore,
	})
}

// letsPass has the rules of MessageReleased.
func (s *State) letsPass(d *MessageReleased) error {
	switch {
	case s.users[d.ReleasedBy].Role != RoleAdmin:
		return fmt.Errorf("%s is no admin", d.ReleasedBy)
	case s.releases[d.MessageID] != nil:
		return fmt.Errorf("message %s was released already", d.MessageID)
	case d.ReleasedID == d.MessageID || s.releases[d.ReleasedID] != nil:
		return fmt.Errorf("message %s is there already", d.ReleasedID)
	}
	return nil
}
