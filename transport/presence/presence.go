// Package presence knows which users are online, at this server and at others. Nothing of it is stored.
//
// A user is online while he has an authenticated connection anywhere, and for [Grace] after his last one
// went, so that a page that reloads, or goes from one server to another, makes no noise. The package keeps count and
// says when there is news; who is told is for [AppendPeers], and telling is for whoever owns the connections.
//
// Servers tell one another how many connections each user has with them, and now and then a sum of all, by which
// one that has missed something sees that and asks. So all know the same, some milliseconds late.
package presence

import (
	"sync"
	"time"

	"chainmail/domain"
	"chainmail/transport/cluster"
)

// Grace is how long a user without a connection still counts as online.
const Grace = 5 * time.Second

// maxSeen bounds of how many users it is remembered when they went offline. Beyond it somebody
// is forgotten, whose time is then not known.
const maxSeen = 100_000

// Tracker counts connections. Its methods may be called concurrently.
type Tracker struct {
	now     func() time.Time
	node    *cluster.Node // nil: there are no other servers
	mu      sync.Mutex
	online  counts                   // guarded by mu; connections here
	servers map[domain.ID]*elsewhere // guarded by mu; what other servers have
	remote  map[domain.ID]int        // guarded by mu; connections at other servers together
	leaving map[domain.ID]leave      // guarded by mu; those whose last connection went less than Grace ago
	seen    map[domain.ID]time.Time  // guarded by mu; when those who are offline went; at most maxSeen
	due     bool                     // guarded by mu; others are to be told everything
	told    time.Time                // guarded by mu; when they were last
}

// leave is how a user's last connection went.
type leave struct {
	at    time.Time // when he was there last
	offAt time.Time // when he is offline
}

// Departure is a user who has gone offline.
type Departure struct {
	User domain.ID
	At   time.Time // when his last connection went
}

// New returns a tracker of nobody.
func New(now func() time.Time) *Tracker {
	return &Tracker{
		now:     now,
		online:  newCounts(),
		servers: make(map[domain.ID]*elsewhere),
		remote:  make(map[domain.ID]int),
		leaving: make(map[domain.ID]leave),
		seen:    make(map[domain.ID]time.Time),
	}
}

// Arrive counts a connection and reports whether the user has come online with it.
func (t *Tracker) Arrive(user domain.ID) (news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	news = t.comes(user)
	t.set(user, t.online.of[user]+1)
	return news
}

// Leave takes an Arrive back and reports whether that was the user's last connection here.
func (t *Tracker) Leave(user domain.ID) (last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.set(user, t.online.of[user]-1)
	t.goes(user, t.now())
	return t.online.of[user] == 0
}

// comes notes that a user is about to have one connection more, and reports whether that brings him online. The caller holds mu.
func (t *Tracker) comes(user domain.ID) (news bool) {
	_, leaving := t.leaving[user]
	delete(t.leaving, user)
	delete(t.seen, user)
	return !leaving && t.online.of[user] == 0 && t.remote[user] == 0
}

// goes begins the user's Grace if he has no connection anywhere; at is when he had one last. The caller holds mu.
func (t *Tracker) goes(user domain.ID, at time.Time) {
	if t.online.of[user] == 0 && t.remote[user] == 0 {
		t.leaving[user] = leave{at: at, offAt: t.now().Add(Grace)}
	}
}

// Departures returns those whose Grace has passed since the last call. From now on they are offline.
func (t *Tracker) Departures() []Departure {
	t.mu.Lock()
	defer t.mu.Unlock()
	var gone []Departure
	now := t.now()
	for user, left := range t.leaving {
		if now.Before(left.offAt) {
			continue
		}
		delete(t.leaving, user)
		for forgotten := range t.seen {
			if len(t.seen) < maxSeen {
				break
			}
			delete(t.seen, forgotten)
		}
		t.seen[user] = left.at
		gone = append(gone, Departure{user, left.at})
	}
	return gone
}

// Online reports whether the user is online anywhere, and if not, when he went. lastSeen is nil when he is online, and
// when this server does not know.
func (t *Tracker) Online(user domain.ID) (online bool, lastSeen *time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, leaving := t.leaving[user]; leaving || t.online.of[user] > 0 || t.remote[user] > 0 {
		return true, nil
	}
	if at, known := t.seen[user]; known {
		return false, &at
	}
	return false, nil
}

// Elsewhere counts a user's connections at other servers, as far as they have told.
func (t *Tracker) Elsewhere(user domain.ID) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.remote[user]
}
