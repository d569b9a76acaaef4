package domain

import "slices"

// InstallPolicy decides to judge by a policy from here on. What is installed already makes no event; of two at once, the
// log takes one and the other is decided again.
func (s *State) InstallPolicy(p GuardPolicyInstalled) Decision {
	d := Decision{
		Actor: Actor{Auth: AuthSystem}, At: s.Position,
		Expect: []Expectation{{PolicyStream, s.installed}},
	}
	if s.policy != nil && s.policy.JudgesAs(&p) {
		return d
	}
	if p.Lists == nil {
		p.Lists = []PolicyList{}
	}
	d.draft(PolicyStream, &p)
	return d
}

// Policy returns the last policy that was installed, nil before the first. The caller doesn't change it.
func (s *State) Policy() *GuardPolicyInstalled { return s.policy }

// JudgesAs reports whether both give every text the same verdict.
func (p *GuardPolicyInstalled) JudgesAs(other *GuardPolicyInstalled) bool {
	return p.PolicyHash == other.PolicyHash && equal(p.ModelHash, other.ModelHash) && slices.Equal(p.Lists, other.Lists)
}

func equal(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }
