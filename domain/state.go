package domain

import (
	"fmt"
	"slices"
	"time"
)

// State is everything that decisions rest on, folded from the log's deciding events: accounts,
// who takes part in which conversation from where to where, who blocked whom. Messages and
// receipts are not in it; they change no one's rights.
//
// State has no lock: its owner lets one goroutine Apply while nobody reads.
type State struct {
	// Position of the last event that was applied.
	Position Position

	users         map[ID]*User
	conversations map[ID]*Conversation
	direct        map[[2]ID]ID
	blocks        map[ID]*blockList
	memberOf      map[ID][]ID // conversations that a user is or was in, in order of joining
}

// User is an account.
type User struct {
	ID      ID
	Role    Role
	Active  bool
	decided Version
}

// Role is what an account may do beyond its own conversations.
type Role string

// The roles.
const (
	RoleMember  Role = "member"
	RoleAdmin   Role = "admin"
	RoleService Role = "service"
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r == RoleMember || r == RoleAdmin || r == RoleService }

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

type blockList struct {
	decided Version
	blocked map[ID]struct{}
}

// NewState returns the state before the first event.
func NewState() *State {
	return &State{
		users:         make(map[ID]*User),
		conversations: make(map[ID]*Conversation),
		direct:        make(map[[2]ID]ID),
		blocks:        make(map[ID]*blockList),
		memberOf:      make(map[ID][]ID),
	}
}

// User returns the account, nil if there is none.
func (s *State) User(id ID) *User { return s.users[id] }

// Active reports whether the account exists and may act.
func (s *State) Active(id ID) bool { return s.users[id] != nil && s.users[id].Active }

// ActiveUsers counts the accounts that may act.
func (s *State) ActiveUsers() int {
	n := 0
	for _, u := range s.users {
		if u.Active {
			n++
		}
	}
	return n
}

// Conversation returns the conversation, nil if there is none. The caller doesn't change it.
func (s *State) Conversation(id ID) *Conversation { return s.conversations[id] }

// ConversationsOf lists the conversations that a user is or was in, in order of joining. The
// caller doesn't change the list.
func (s *State) ConversationsOf(user ID) []ID { return s.memberOf[user] }

// Direct returns the direct conversation of two users, nil if they have none.
func (s *State) Direct(a, b ID) *Conversation { return s.conversations[s.direct[pair(a, b)]] }

// Blocked reports whether either of the two blocks the other.
func (s *State) Blocked(a, b ID) bool { return s.Blocks(a, b) || s.Blocks(b, a) }

// Blocks reports whether user blocks other.
func (s *State) Blocks(user, other ID) bool {
	list := s.blocks[user]
	if list == nil {
		return false
	}
	_, yes := list.blocked[other]
	return yes
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
		return compareIDs(m.User, u)
	})
	last := first
	for last < len(c.members) && c.members[last].User == user {
		last++
	}
	return c.members[first:last]
}

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
		return nil
	}
	data, err := Decode(e)
	if err != nil {
		return err
	}
	switch d := data.(type) {
	case *UserRegistered:
		s.users[d.UserID] = &User{ID: d.UserID, Role: d.Role, Active: true, decided: e.Version}
	case *UserDeactivated:
		u := s.users[d.UserID]
		if u == nil {
			return fmt.Errorf("apply %s at %d: no user %s", e.Type, e.Position, d.UserID)
		}
		u.Active, u.decided = false, e.Version
	case *ConversationStarted:
		s.start(e, d)
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
	}
	return nil
}

func (s *State) start(e Event, d *ConversationStarted) {
	c := &Conversation{
		ID: d.ConversationID, StarterID: d.StarterID, Direct: d.Direct,
		StartedAt: e.RecordedAt, decided: e.Version,
		members: make([]Member, 0, len(d.ParticipantIDs)),
	}
	s.conversations[c.ID] = c
	for _, id := range d.ParticipantIDs {
		s.add(c, id, e.Position)
	}
	if d.Direct && len(d.ParticipantIDs) == 2 {
		s.direct[pair(d.ParticipantIDs[0], d.ParticipantIDs[1])] = c.ID
	}
}

func (s *State) join(e Event, conversation, user ID) error {
	c := s.conversations[conversation]
	if c == nil || c.Has(user) {
		return fmt.Errorf("apply %s at %d: no such conversation, or %s is in it", e.Type, e.Position, user)
	}
	c.decided = e.Version
	s.add(c, user, e.Position)
	return nil
}

func (s *State) leave(e Event, conversation, user ID) error {
	c := s.conversations[conversation]
	if c == nil || !c.Has(user) {
		return fmt.Errorf("apply %s at %d: no such conversation, or %s is not in it", e.Type, e.Position, user)
	}
	c.decided = e.Version
	spans := c.spans(user)
	spans[len(spans)-1].To = e.Position
	c.current--
	return nil
}

func (s *State) add(c *Conversation, user ID, from Position) {
	before := c.spans(user)
	at, _ := slices.BinarySearchFunc(c.members, user, func(m Member, u ID) int {
		return compareIDs(m.User, u)
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

func pair(a, b ID) [2]ID {
	if b.Less(a) {
		return [2]ID{b, a}
	}
	return [2]ID{a, b}
}

func compareIDs(a, b ID) int { return slices.Compare(a[:], b[:]) }
