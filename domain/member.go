package domain

import (
	"slices"
	"time"
)

// Conversation is who sees what of a conversation.
type Conversation struct {
	ID        ID
	StarterID ID
	Direct    bool
	StartedAt time.Time
	decided   Version
	members   []Member // in ascending order of (User, From)
	current   int      // how many are in it now
}

// Member is one span of a user's membership: he sees the events at From <= position <= To.
type Member struct {
	User     ID
	From, To Position // To is 0 while he is in
}

// Members lists the spans of membership, past ones included. The caller doesn't change it.
func (c *Conversation) Members() []Member { return c.members }

// Size is how many take part now.
func (c *Conversation) Size() int { return c.current }

// Has reports whether the user takes part now.
func (c *Conversation) Has(user ID) bool {
	for _, m := range c.spans(user) {
		if m.To == 0 {
			return true
		}
	}
	return false
}

// Saw reports whether the user saw what happened at the position.
func (c *Conversation) Saw(user ID, at Position) bool {
	for _, m := range c.spans(user) {
		if m.From <= at && (m.To == 0 || at <= m.To) {
			return true
		}
	}
	return false
}

// AppendPresent adds to dst everybody who saw what happened at the position.
func (c *Conversation) AppendPresent(dst []ID, at Position) []ID {
	for _, m := range c.members {
		if m.From <= at && (m.To == 0 || at <= m.To) {
			dst = append(dst, m.User)
		}
	}
	return dst
}

// SizeAt is how many saw what happened at the position.
func (c *Conversation) SizeAt(at Position) int {
	n := 0
	for _, m := range c.members {
		if m.From <= at && (m.To == 0 || at <= m.To) {
			n++
		}
	}
	return n
}

// Other returns the other one of a direct conversation.
func (c *Conversation) Other(user ID) ID {
	for _, m := range c.members {
		if m.User != user {
			return m.User
		}
	}
	return ID{}
}

func (c *Conversation) spans(user ID) []Member {
	first, _ := slices.BinarySearchFunc(c.members, user, func(m Member, u ID) int {
		return m.User.Compare(u)
	})
	last := first
	for last < len(c.members) && c.members[last].User == user {
		last++
	}
	return c.members[first:last]
}
