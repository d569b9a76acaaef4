package limit

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"chainmail/domain"
	"chainmail/transport/cluster"
)

const (
	// gather is the least time between two tellings. A carrier gathers words too, for longer.
	gather = 5 * time.Millisecond
	// maxUntold is how many charges of a limiter may wait to be told. What comes beyond is not told.
	maxUntold = 1 << 16
	// maxName is the longest name of a limiter, in bytes.
	maxName = 32
)

// Exchange tells other servers what limiters have let through here, and charges these with what others say. It is a [cluster.Part]. Nobody
// is asked before anything is let through; what is underway between servers is let through twice.
//
// A word of the kind Charges is the length of the limiter's name (1 byte), the name, and then for each charge the user (16 bytes)
// and the weight (uvarint).
type Exchange struct {
	node *cluster.Node
	now  func() time.Time
	wake chan struct{} // holds one; something was charged

	mu       sync.RWMutex
	limiters map[string]*Limiter // guarded by mu
}

// NewExchange returns one that tells nothing until Run.
func NewExchange(node *cluster.Node, now func() time.Time) *Exchange {
	return &Exchange{node: node, now: now, wake: make(chan struct{}, 1), limiters: make(map[string]*Limiter)}
}

// Add lets a limiter count together with those of its name, of at most 32 bytes, at other servers.
func (e *Exchange) Add(name string, l *Limiter) {
	if len(name) > maxName {
		panic("limit: the name " + name + " is too long")
	}
	e.mu.Lock()
	e.limiters[name] = l
	e.mu.Unlock()
	l.mu.Lock()
	l.exchange = e
	l.mu.Unlock()
}

// tell notes what others are to be told. The caller holds mu.
func (l *Limiter) tell(user domain.ID, weight int) {
	if l.exchange.node.Alone() || len(l.untold) >= maxUntold {
		return
	}
	if l.untold = append(l.untold, charge{user, weight}); len(l.untold) > 1 {
		return // the first has woken it
	}
	select {
	case l.exchange.wake <- struct{}{}:
	default: // another limiter has
	}
}

// Run tells what is charged, at once or with what comes within 5 ms after, until ctx ends.
func (e *Exchange) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			e.sendAll()
			return nil
		case <-e.wake:
		}
		e.sendAll()
		select {
		case <-ctx.Done():
		case <-time.After(gather):
		}
	}
}

func (e *Exchange) sendAll() {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for name, l := range e.limiters {
		e.send(name, l.take())
	}
}

func (l *Limiter) take() []charge {
	l.mu.Lock()
	defer l.mu.Unlock()
	untold := l.untold
	l.untold = nil
	return untold
}

// send tells others of charges, in as many words as it takes.
func (e *Exchange) send(name string, charges []charge) {
	var body []byte
	for i, c := range charges {
		if body == nil {
			body = append(append(body, byte(len(name))), name...)
		}
		body = binary.AppendUvarint(append(body, c.user[:]...), uint64(c.weight))
		if i == len(charges)-1 || len(body)+len(c.user)+binary.MaxVarintLen64 > cluster.MaxBody {
			e.node.Tell(cluster.Charges, cluster.Audience{}, body)
			body = nil
		}
	}
}

// Hear is [cluster.Part]. Of a word that cannot be read to its end, what could be read counts.
func (e *Exchange) Hear(w cluster.Word) {
	if w.Kind != cluster.Charges || len(w.Body) == 0 || len(w.Body) <= int(w.Body[0]) {
		return
	}
	name, rest := w.Body[1:1+w.Body[0]], w.Body[1+w.Body[0]:]
	e.mu.RLock()
	l := e.limiters[string(name)]
	e.mu.RUnlock()
	if l == nil { // of another release
		return
	}
	for now := e.now(); len(rest) > 16; {
		weight, n := binary.Uvarint(rest[16:])
		if n <= 0 {
			return
		}
		l.Charge(domain.ID(rest), int(min(weight, uint64(l.limit))), now)
		rest = rest[16+n:]
	}
}

// Joined is [cluster.Part]: a server that starts is not told what was charged before.
func (e *Exchange) Joined(domain.ID) {}

// Gone is [cluster.Part]: what a server charged stays charged.
func (e *Exchange) Gone(domain.ID, time.Time) {}

// Beat is [cluster.Part].
func (e *Exchange) Beat() {}
