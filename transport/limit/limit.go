// Package limit counts what users do in a sliding window of 60 seconds. It is exact: a user never
// does more than the limit within any 60 seconds, and never waits longer than he must.
//
// It remembers a time for each thing that was done in the last 60 seconds and nothing else, so its
// memory is bounded by the users who were active in that time, times the limit.
//
// Where there are several servers an [Exchange] lets limiters of the same name count together, some milliseconds late. By so much they are
// less than exact.
package limit

import (
	"sync"
	"time"

	"chainmail/domain"
)

// Window is how far back a limiter looks.
const Window = time.Minute

// maxCharged is how many users a limiter remembers before it takes note of no more that only other servers speak of.
const maxCharged = 1 << 18

// Limiter holds what users did lately. Its methods may be called concurrently.
type Limiter struct {
	limit int // 0: none
	mu    sync.Mutex
	start time.Time           // guarded by mu; of the first act, from which times are counted
	users map[domain.ID]*ring // guarded by mu

	refused int64 // guarded by mu

	exchange *Exchange // guarded by mu; nil: what is done here counts here alone
	untold   []charge  // guarded by mu; what the exchange has not taken yet
}

// charge is something that a user did.
type charge struct {
	user   domain.ID
	weight int
}

// New returns a limiter that lets a user do so much within 60 seconds; 0 lets everything through.
func New(limit int) *Limiter {
	return &Limiter{limit: limit, users: make(map[domain.ID]*ring)}
}

// Allow takes note that a user does something that weighs so much (1 or more) and returns true. If that is
// more than the limit allows it notes nothing and returns false, and after how long the same would
// be allowed. What weighs more than the whole limit counts as the whole limit.
func (l *Limiter) Allow(user domain.ID, weight int, now time.Time) (retryAfter time.Duration, ok bool) {
	if l.limit == 0 {
		return 0, true
	}
	weight = min(weight, l.limit)
	l.mu.Lock()
	defer l.mu.Unlock()
	r, at := l.window(user, now)
	if over := r.count + weight - l.limit; over > 0 {
		l.refused++
		return time.Duration(r.at(over-1) + int64(Window) - at), false
	}
	for range weight {
		r.add(at, l.limit)
	}
	if l.exchange != nil {
		l.tell(user, weight)
	}
	return 0, true
}

// window returns what a user did lately, and now as a ring has it. The caller holds mu.
func (l *Limiter) window(user domain.ID, now time.Time) (r *ring, at int64) {
	if l.start.IsZero() {
		l.start = now
	}
	at = int64(now.Sub(l.start))
	if r = l.users[user]; r == nil {
		r = new(ring)
		l.users[user] = r
	}
	r.forget(at - int64(Window))
	return r, at
}

// Charge takes note of what a user did elsewhere, even if that is more than the limit. It refuses nothing. Where so many users
// are remembered that memory is at stake it notes nothing of others.
func (l *Limiter) Charge(user domain.ID, weight int, now time.Time) {
	if l.limit == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users[user] == nil && len(l.users) >= maxCharged {
		return
	}
	r, at := l.window(user, now)
	for range min(weight, l.limit) {
		if r.count == l.limit { // when there is room again depends on the newest alone
			r.drop()
		}
		r.add(at, l.limit)
	}
}

// Sweep forgets the users who did nothing in the last 60 seconds. Somebody calls it now and then.
func (l *Limiter) Sweep(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for user, r := range l.users {
		if r.forget(int64(now.Sub(l.start) - Window)); r.count == 0 {
			delete(l.users, user)
		}
	}
}

// Refused counts how often Allow has returned false. A nil limiter has refused nothing.
func (l *Limiter) Refused() int64 {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

// Users counts the users that the limiter remembers.
func (l *Limiter) Users() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.users)
}
