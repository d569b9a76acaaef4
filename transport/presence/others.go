package presence

import (
	"encoding/binary"
	"time"

	"chainmail/domain"
	"chainmail/transport/cluster"
)

// Bodies of words. An entry is a user (16 bytes) and his connections at the server that says it (1 byte).
//
//	Counts  entries: what has changed; a user without connections has 0
//	State   flags (1 byte), entries: with the flag first everything begins, with the flag last it is complete
//	Digest  how many users have connections (8 bytes, big-endian), and the sum of these (8 bytes)
//	Ask     the server that is asked (16 bytes)
const (
	entrySize  = 16 + 1
	stateFirst = 1
	stateLast  = 2
)

// stateEvery is the least time between two tellings of everything.
const stateEvery = time.Second

// elsewhere is what another server has.
type elsewhere struct {
	counts
	coming map[domain.ID]int // everything, as far as it has come; nil when nothing has
}

// Share lets the tracker tell the other servers what it counts. It is called before anything is counted.
func (t *Tracker) Share(node *cluster.Node) { t.node = node }

// set changes how many connections a user has here, and tells others. The caller holds mu, so that others hear of
// changes in order.
func (t *Tracker) set(user domain.ID, n int) {
	t.online.set(user, n)
	if !t.node.Alone() {
		t.node.Tell(cluster.Counts, cluster.Audience{}, appendEntry(nil, user, n))
	}
}

func appendEntry(dst []byte, user domain.ID, n int) []byte {
	return append(append(dst, user[:]...), told(n))
}

// Joined says that there is a server that knows nothing yet.
func (t *Tracker) Joined() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.due = true
	t.tellDue()
}

// tellDue tells everything, if it is due and was not told a moment ago, and reports whether it did. The caller holds mu.
func (t *Tracker) tellDue() bool {
	now := t.now()
	if !t.due || now.Sub(t.told) < stateEvery {
		return false
	}
	t.due, t.told = false, now
	body := []byte{stateFirst}
	for user, n := range t.online.of {
		if len(body)+entrySize > cluster.MaxBody {
			t.node.Tell(cluster.State, cluster.Audience{}, body)
			body = append(make([]byte, 0, cluster.MaxBody), 0)
		}
		body = appendEntry(body, user, n)
	}
	body[0] |= stateLast
	t.node.Tell(cluster.State, cluster.Audience{}, body)
	t.tellDigest()
	return true
}

// Beat tells others the sum of what is here, or everything if somebody waits for it. It is called every [cluster.BeatEvery].
func (t *Tracker) Beat() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.tellDue() {
		t.tellDigest()
	}
}

func (t *Tracker) tellDigest() {
	body := binary.BigEndian.AppendUint64(nil, uint64(len(t.online.of)))
	t.node.Tell(cluster.Digest, cluster.Audience{}, binary.BigEndian.AppendUint64(body, t.online.sum))
}

// Hear takes another server's word and returns the users who have come online with it.
func (t *Tracker) Hear(w cluster.Word) (came []domain.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch w.Kind {
	case cluster.Counts:
		s := t.server(w.From)
		eachEntry(w.Body, func(user domain.ID, n int) { came = t.note(s, user, n, came) })
	case cluster.State:
		if len(w.Body) > 0 {
			came = t.hearState(t.server(w.From), w.Body[0], w.Body[1:])
		}
	case cluster.Digest:
		s := t.server(w.From)
		if len(w.Body) == 16 && (binary.BigEndian.Uint64(w.Body) != uint64(len(s.of)) || binary.BigEndian.Uint64(w.Body[8:]) != s.sum) {
			t.node.Tell(cluster.Ask, cluster.Audience{}, w.From[:])
		}
	case cluster.Ask:
		if len(w.Body) == 16 && domain.ID(w.Body) == t.node.ID() {
			t.due = true
			t.tellDue()
		}
	}
	return came
}

func (t *Tracker) server(id domain.ID) *elsewhere {
	s := t.servers[id]
	if s == nil {
		s = &elsewhere{counts: newCounts()}
		t.servers[id] = s
	}
	return s
}

func eachEntry(body []byte, f func(domain.ID, int)) {
	for ; len(body) >= entrySize; body = body[entrySize:] {
		f(domain.ID(body), int(body[16]))
	}
}

// note takes over a user's count at a server, and appends him to came if he has come online. The caller holds mu.
func (t *Tracker) note(s *elsewhere, user domain.ID, n int, came []domain.ID) []domain.ID {
	if s.of[user] == 0 && len(s.of) >= maxUsers {
		return came
	}
	if n > 0 && t.comes(user) {
		came = append(came, user)
	}
	before := s.set(user, n)
	if t.remote[user] += n - before; t.remote[user] == 0 {
		delete(t.remote, user)
	}
	if n == 0 && before > 0 {
		t.goes(user, t.now())
	}
	return came
}

// hearState takes a part of everything that a server has. The caller holds mu.
func (t *Tracker) hearState(s *elsewhere, flags byte, entries []byte) (came []domain.ID) {
	if flags&stateFirst != 0 {
		s.coming = make(map[domain.ID]int)
	}
	if s.coming == nil { // the beginning was lost: the digest will tell
		return nil
	}
	eachEntry(entries, func(user domain.ID, n int) {
		if len(s.coming) < maxUsers {
			s.coming[user] = n
		}
	})
	if flags&stateLast == 0 {
		return nil
	}
	for user := range s.of {
		if s.coming[user] == 0 {
			came = t.note(s, user, 0, came)
		}
	}
	for user, n := range s.coming {
		came = t.note(s, user, n, came)
	}
	s.coming = nil
	return came
}

// Gone says that a server has ended, or was heard last at that time and not since: its users have no connections with it.
func (t *Tracker) Gone(server domain.ID, lastHeard time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.servers[server]
	if s == nil {
		return
	}
	delete(t.servers, server)
	for user, n := range s.of {
		if t.remote[user] -= n; t.remote[user] == 0 {
			delete(t.remote, user)
		}
		t.goes(user, lastHeard)
	}
}
