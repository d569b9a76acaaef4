package domain

// State is everything that decisions rest on, folded from the log's deciding events: accounts,
// who takes part in which conversation from where to where, who blocked whom, what the guard judges by,
// which blocked messages were released, projects and how their tasks stand. Other messages, receipts, notifications and
// announcements are not in it; they change no one's rights.
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
	rotated       string      // the log's key since the last LogKeyRotated; empty while it is the first
	rotation      Version     // that event's version

	policy    *GuardPolicyInstalled // the last one
	policies  map[string]struct{}   // the hashes of all that were ever installed
	installed Version               // the version of the last one's event
	releases  map[ID]*release       // by the blocked message's id, and by the one that it was sent under
	released  *release              // the last one

	projects map[ID]*Project
	tasks    map[ID]*Task
	tasksOf  map[ID][]ID // of which a user is the freelancer or the project's author, in order of creation
	cause    cause       // of the notifications that come next
}

// User is an account.
type User struct {
	ID      ID
	Role    Role
	Active  bool
	Since   Position // of his registration
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

// tells reports whether who has the role may tell others what he likes (notifications, announcements), and has all
// projects and tasks in hand.
func (r Role) tells() bool { return r == RoleAdmin || r == RoleService }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r == RoleMember || r == RoleAdmin || r == RoleService }

type blockList struct {
	decided Version // of the last deciding event in the user's GuardStream, releases included
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
		policies:      make(map[string]struct{}),
		releases:      make(map[ID]*release),
		projects:      make(map[ID]*Project),
		tasks:         make(map[ID]*Task),
		tasksOf:       make(map[ID][]ID),
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

func pair(a, b ID) [2]ID {
	if b.Less(a) {
		return [2]ID{b, a}
	}
	return [2]ID{a, b}
}
