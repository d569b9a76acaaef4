package fanout

import (
	"slices"
	"sync"
	"time"

	"chainmail/domain"
	"chainmail/transport/frame"
)

// linger is how long what a user needs stays wanted once his last connection has gone, so that one that comes back changes
// nothing.
const linger = 10 * time.Second

// interest knows which channels this server's connections need.
//
// Its lock is also held while a batch is checked against it and pushed. A channel is wanted before its user counts as connected, so
// whoever is pushed to while a batch goes out was wanted when it was checked: it had all of his.
//
// The lock is taken before those of the view, the pusher and the sockets, and never while one of these is held.
type interest struct {
	groups func(user domain.ID) []domain.ID // the groups that he is in
	names  names

	mu     sync.Mutex
	users  map[domain.ID]*person // guarded by mu
	wanted map[channel]*want     // guarded by mu
	lanes  []changes             // guarded by mu
}

// person is somebody with a connection here, or who had one just now.
type person struct {
	connections int
	left        time.Time // when the last one went; while there is one it says nothing
	groups      []domain.ID
}

// want is a channel that is needed.
type want struct {
	by    int // by so many
	since time.Time
}

// changes are the channels of a lane that have become wanted, or no longer are, since its connection last looked.
type changes struct {
	channels map[channel]struct{}
	wake     chan struct{} // capacity 1: says that there are some
}

func newInterest(n names, groups func(domain.ID) []domain.ID) *interest {
	i := &interest{
		groups: groups, names: n, users: make(map[domain.ID]*person), wanted: make(map[channel]*want), lanes: make([]changes, n.lanes),
	}
	for lane := range i.lanes {
		i.lanes[lane] = changes{make(map[channel]struct{}), make(chan struct{}, 1)}
	}
	i.wanted[broadcast] = &want{by: 1} // the lanes subscribe to it by themselves
	return i
}

// arrive makes what a user needs wanted, once a connection.
func (i *interest) arrive(user domain.ID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	p := i.users[user]
	if p == nil {
		p = &person{groups: i.groups(user)}
		i.users[user] = p
		i.want(channel{toUser, user})
		for _, group := range p.groups {
			i.want(channel{toRoom, group})
		}
	}
	p.connections++
}

// leave takes an arrive back.
func (i *interest) leave(user domain.ID, now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.users[user]; p != nil {
		p.connections--
		p.left = now
	}
}

// sweep drops what nobody has needed for a while.
func (i *interest) sweep(now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for user, p := range i.users {
		if p.connections > 0 || now.Sub(p.left) < linger {
			continue
		}
		delete(i.users, user)
		i.drop(channel{toUser, user})
		for _, group := range p.groups {
			i.drop(channel{toRoom, group})
		}
	}
}

// watch makes a task's or project's channel wanted, once a call.
func (i *interest) watch(c frame.Channel) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.want(channel{watched(c.Kind), c.ID})
}

// unwatch takes a watch back.
func (i *interest) unwatch(id domain.ID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if c := (channel{toTask, id}); i.wanted[c] != nil {
		i.drop(c)
		return
	}
	i.drop(channel{toProject, id})
}

func watched(k frame.ChannelKind) kind {
	if k == frame.ProjectChannel {
		return toProject
	}
	return toTask
}

// note follows who comes into a group and who leaves it. The caller holds mu, and has pushed the events.
func (i *interest) note(events []domain.Event) {
	for _, e := range events {
		switch e.Type {
		case domain.TypeConversationStarted, domain.TypeParticipantAdded, domain.TypeParticipantLeft:
		default:
			continue
		}
		data, err := domain.Decode(e)
		if err != nil {
			continue // the view does not know of it either
		}
		switch d := data.(type) {
		case *domain.ConversationStarted:
			for _, user := range d.ParticipantIDs {
				if !d.Direct {
					i.join(user, d.ConversationID)
				}
			}
		case *domain.ParticipantAdded:
			i.join(d.UserID, d.ConversationID)
		case *domain.ParticipantLeft:
			i.part(d.UserID, d.ConversationID)
		}
	}
}

// join needs mu.
func (i *interest) join(user, group domain.ID) {
	if p := i.users[user]; p != nil && !slices.Contains(p.groups, group) {
		p.groups = append(p.groups, group)
		i.want(channel{toRoom, group})
	}
}

// part needs mu.
func (i *interest) part(user, group domain.ID) {
	p := i.users[user]
	if p == nil {
		return
	}
	if at := slices.Index(p.groups, group); at >= 0 {
		p.groups = slices.Delete(p.groups, at, at+1)
		i.drop(channel{toRoom, group})
	}
}

// want needs mu.
func (i *interest) want(c channel) {
	if w := i.wanted[c]; w != nil {
		w.by++
		return
	}
	i.wanted[c] = &want{by: 1, since: time.Now()}
	i.changed(c)
}

// drop takes a want back. It needs mu.
func (i *interest) drop(c channel) {
	w := i.wanted[c]
	if w == nil {
		return
	}
	if w.by--; w.by == 0 {
		delete(i.wanted, c)
		i.changed(c)
	}
}

// changed needs mu.
func (i *interest) changed(c channel) {
	lane := &i.lanes[i.names.lane(c)]
	lane.channels[c] = struct{}{}
	select {
	case lane.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// all lists what is wanted in a lane, for a connection that has subscribed to nothing yet, and begins its changes anew.
func (i *interest) all(lane int) (names []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.lanes[lane].channels)
	for c := range i.wanted {
		if c != broadcast && i.names.lane(c) == lane {
			names = append(names, i.names.name(c))
		}
	}
	return names
}

// take lists what has changed in a lane since the last call.
func (i *interest) take(lane int) (add, remove []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for c := range i.lanes[lane].channels {
		if i.wanted[c] != nil {
			add = append(add, i.names.name(c))
		} else {
			remove = append(remove, i.names.name(c))
		}
	}
	clear(i.lanes[lane].channels)
	return add, remove
}

// verdict is what a count says of a batch.
type verdict int

const (
	complete verdict = iota
	young            // something is missing on a channel that has been wanted for less than a moment
	lost             // something is missing
)

// judge compares what came on the channels that are wanted with what was published on them. It needs mu. A channel that is
// wanted since settled or later may well be one to which the subscription is on its way.
func (i *interest) judge(counts []count, got map[channel]int, settled time.Time) verdict {
	result := complete
	for _, c := range counts {
		w := i.wanted[c.channel]
		if w == nil || got[c.channel] == c.events {
			continue
		}
		if w.since.Before(settled) {
			return lost
		}
		result = young
	}
	return result
}
