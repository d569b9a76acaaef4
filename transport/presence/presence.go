// Package presence knows which users are online at this server. Nothing of it is stored.
//
// A user is online while he has an authenticated connection, and for [Grace] after his last one
// went, so that a page that reloads makes no noise. The package keeps count and says when there
// is news; who is told is for [AppendPeers], and telling is for whoever owns the connections.
package presence

import (
	"sync"
	"time"

	"chainmail/domain"
)

// Grace is how long a user without a connection still counts as online.
const Grace = 5 * time.Second

// maxSeen bounds of how many users it is remembered when they went offline. Beyond it somebody
// is forgotten, whose time is then not known.
const maxSeen = 100_000

// Tracker counts connections. Its methods may be called concurrently.
type Tracker struct {
	now     func() time.Time
	mu      sync.Mutex
	online  map[domain.ID]int       // guarded by mu; connections of those who have any
	leaving map[domain.ID]time.Time // guarded by mu; when the last connection went, less than Grace ago
	seen    map[domain.ID]time.Time // guarded by mu; the same of those who are offline; at most maxSeen
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
		online:  make(map[domain.ID]int),
		leaving: make(map[domain.ID]time.Time),
		seen:    make(map[domain.ID]time.Time),
	}
}

// Arrive counts a connection and reports whether the user has come online with it.
func (t *Tracker) Arrive(user domain.ID) (news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, leaving := t.leaving[user]
	delete(t.leaving, user)
	delete(t.seen, user)
	t.online[user]++
	return t.online[user] == 1 && !leaving
}

// Leave takes an Arrive back and reports whether that was the user's last connection.
func (t *Tracker) Leave(user domain.ID) (last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.online[user]--; t.online[user] > 0 {
		return false
	}
	delete(t.online, user)
	t.leaving[user] = t.now()
	return true
}

// Departures returns those whose Grace has passed since the last call. From now on they are offline.
func (t *Tracker) Departures() []Departure {
	t.mu.Lock()
	defer t.mu.Unlock()
	var gone []Departure
	now := t.now()
	for user, at := range t.leaving {
		if now.Sub(at) < Grace {
			continue
		}
		delete(t.leaving, user)
		for forgotten := range t.seen {
			if len(t.seen) < maxSeen {
				break
			}
			delete(t.seen, forgotten)
		}
		t.seen[user] = at
		gone = append(gone, Departure{user, at})
	}
	return gone
}

// Online reports whether the user is online, and if not, when he went. lastSeen is nil when he is online, and
// when this server does not know.
func (t *Tracker) Online(user domain.ID) (online bool, lastSeen *time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, leaving := t.leaving[user]; leaving || t.online[user] > 0 {
		return true, nil
	}
	if at, known := t.seen[user]; known {
		return false, &at
	}
	return false, nil
}
