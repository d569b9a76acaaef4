package crowd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/cmd/chaos/fleet"
	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

// device is one client of one user. Its goroutine connects and writes; while it is connected another one reads.
type device struct {
	crowd   *Crowd
	number  int
	account fleet.Account
	random  *rand.Rand // used by the device's goroutine
	moves   bool       // whether the user joins and leaves groups, and blocks others
	window  int        // messages without an answer, at most
	targets []target
	wake    chan struct{} // says that there is something to write; one is enough, more are dropped

	mu       sync.Mutex
	journal  *history.Device               // guarded by mu
	conn     *history.Connection           // the connection of now, guarded by mu; nil between two
	since    domain.Position               // where to go on, guarded by mu; negative for nowhere
	synced   bool                          // whether this connection has caught up, guarded by mu
	heard    time.Time                     // when the last frame came, guarded by mu
	outbox   []*outgoing                   // messages without an answer in the order of their first sending, guarded by mu
	receipts []domain.ID                   // messages of others that are to be acknowledged, guarded by mu
	received []domain.ID                   // messages of others, guarded by mu
	known    map[domain.ID]int             // whether each of received was read, guarded by mu
	own      []domain.ID                   // messages that were acknowledged and may be erased, guarded by mu
	era      int                           // how often what it had seen was lost, guarded by mu
	connEra  int                           // that of the connection, guarded by mu
	places   map[domain.ID]domain.Position // where messages of others are, guarded by mu
	leaveAt  domain.Position               // come back and leave once everything up to here was sent, guarded by mu; negative for not yet
	leaving  bool                          // this is the last connection, guarded by mu
	gone     bool                          // the device has left, guarded by mu
	away     bool                          // it stays away for now, guarded by mu
	online   map[domain.ID]bool            // what this connection was told of others, guarded by mu
	typists  map[typist]bool               // who types, as this connection was told, guarded by mu
	count    int                           // messages so far, used by the device's goroutine
	direct   map[domain.ID]domain.ID       // direct conversations by the other one, guarded by mu
}

// target is whom a device writes to: a group, or a person.
type target struct{ group, person domain.ID }

// typist is somebody who types somewhere.
type typist struct{ conversation, user domain.ID }

// outgoing is a message without an answer.
type outgoing struct {
	id, content string
	to          target
	byID        domain.ID           // the direct conversation's id, where the client uses it
	sentOn      *history.Connection // the connection it was last sent on
	retry       time.Time           // not before; zero for at once
}

func newDevice(c *Crowd, n int, account fleet.Account) *device {
	d := &device{
		crowd: c, number: n, account: account, random: rand.New(rand.NewPCG(c.config.Seed, uint64(n)+1000)),
		wake: make(chan struct{}, 1), known: make(map[domain.ID]int), direct: make(map[domain.ID]domain.ID), places: make(map[domain.ID]domain.Position), since: -1, leaveAt: -1,
	}
	d.journal = &history.Device{Name: fmt.Sprintf("device-%d", n), User: account.ID}
	d.window = []int{1, 1, 4, 8}[d.random.IntN(4)]
	return d
}

// prepare chooses whom the device writes to.
func (d *device) prepare(random *rand.Rand, people []fleet.Account) {
	for _, g := range d.crowd.groups {
		for _, id := range g.members {
			if id == d.account.ID {
				d.targets = append(d.targets, target{group: g.id})
			}
		}
	}
	for _, m := range d.crowd.movers {
		if m.ID == d.account.ID { // movers write to groups that they may be in, and to one another
			for _, g := range d.crowd.groups {
				d.targets = append(d.targets, target{group: g.id})
			}
			people, d.moves = d.crowd.movers, true
		}
	}
	for range 3 {
		if p := people[random.IntN(len(people))]; p.ID != d.account.ID {
			d.targets = append(d.targets, target{person: p.ID})
		}
	}
}

// run connects again and again until the device has left or ctx ends.
func (d *device) run(ctx context.Context) {
	for ctx.Err() == nil && !d.left() {
		if !d.isAway() {
			d.connect(ctx)
		}
		d.mu.Lock()
		slow := !d.leaving
		d.mu.Unlock()
		wait := time.Duration(d.random.IntN(50)) * time.Millisecond
		if slow {
			wait += time.Duration(d.random.IntN(450)) * time.Millisecond // a server that went has many who look for another
		}
		if !pause(ctx, wait) {
			return
		}
	}
}

// caughtUp reports whether the device is connected and was sent everything.
func (d *device) caughtUp() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conn != nil && d.synced
}

// idle reports whether nothing is under way.
func (d *device) idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.outbox) == 0 && len(d.receipts) == 0 && d.conn != nil && d.synced
}

// left reports whether the device is done.
func (d *device) left() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gone
}

// stayAway has the device leave until it is told to come back.
func (d *device) stayAway(away bool) {
	d.mu.Lock()
	d.away = away
	d.mu.Unlock()
	d.rouse()
}

func (d *device) isAway() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.away
}

// agrees reports whether the connection was told what is true of these peers, and that nobody types; a device that is away has nothing
// to say.
func (d *device) agrees(peers []domain.ID, here map[domain.ID]bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away {
		return d.conn == nil
	}
	for _, peer := range peers {
		if is, known := here[peer]; known && d.online[peer] != is {
			return false
		}
	}
	return d.conn != nil && d.synced && len(d.typists) == 0
}

// forget has the device know nothing of what came after a position any more.
func (d *device) forget(kept domain.Position) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.era++
	d.since = min(d.since, kept)
	clear(d.direct)
	for _, o := range d.outbox {
		o.byID, o.sentOn = domain.ID{}, nil
	}
	lost := func(id domain.ID) bool { return d.places[id] > kept }
	d.received = slices.DeleteFunc(d.received, lost)
	d.receipts = slices.DeleteFunc(d.receipts, lost)
}

// readAll has the device read what it received and has not read, and some of the rest again.
func (d *device) readAll() {
	const again = 200
	d.mu.Lock()
	for i, id := range d.received {
		if d.known[id] == 0 || i >= len(d.received)-again {
			d.known[id] = 0
			d.receipts = append(d.receipts, id)
		}
	}
	d.mu.Unlock()
	d.rouse()
}

// comeBack has the device close its connection, come back, and leave once it was sent everything up to a position.
func (d *device) comeBack(head domain.Position) {
	d.mu.Lock()
	d.leaveAt = head
	d.mu.Unlock()
	d.rouse()
}

// rouse says that there is something to write.
func (d *device) rouse() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// journalled adds to the connection's entries, for a caller that holds mu.
func (d *device) journalled(e history.Entry) {
	e.At = d.crowd.now()
	d.conn.Add(e)
}

// closedBy tells how a connection ended.
func closedBy(err error) (code int, reason string) {
	if c, ok := err.(*websocket.CloseError); ok {
		return c.Code, c.Text
	}
	return websocket.CloseAbnormalClosure, ""
}
