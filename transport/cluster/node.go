package cluster

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"chainmail/domain"
)

const (
	// BeatEvery is how often a server says that it is there.
	BeatEvery = 2 * time.Second
	// SilentAfter is when a server that says nothing is taken for dead.
	SilentAfter = 8 * time.Second
	// tick is how often a node looks at what time has brought.
	tick = 250 * time.Millisecond
	// maxServers bounds how many servers a node knows; what more say is passed over.
	maxServers = 64
)

// Part is something that servers tell one another. Its methods are called one at a time, by a [Node].
type Part interface {
	// Hear takes a word of another server, of any kind. The body is valid during the call alone.
	Hear(Word)
	// Joined says that a server was heard that was not known.
	Joined(server domain.ID)
	// Gone says that a server ends, or was not heard for SilentAfter. lastHeard is when it was.
	Gone(server domain.ID, lastHeard time.Time)
	// Beat says that this server tells others that it is there. It is not called while there are none.
	Beat()
}

// Node is this server among the others: it knows who they are, and hands on what they say. Its methods may be called concurrently.
type Node struct {
	bus   Bus
	id    domain.ID
	now   func() time.Time
	ticks <-chan time.Time // nil: a ticker
	parts []Part           // set before Run

	turn   sync.Mutex              // one part acts at a time
	heard  map[domain.ID]time.Time // guarded by turn; when each server was heard last
	others atomic.Int64            // how many these are

	sent, received atomic.Int64
}

// Settings are those of a node. The zero value takes the real clock.
type Settings struct {
	Now   func() time.Time
	Ticks <-chan time.Time // once a quarter of a second
}

// NewNode returns the node of a server, whose id is fresh with each start. It is alone until Run has heard others.
func NewNode(bus Bus, id domain.ID, s Settings) *Node {
	if s.Now == nil {
		s.Now = time.Now
	}
	return &Node{bus: bus, id: id, now: s.Now, ticks: s.Ticks, heard: make(map[domain.ID]time.Time)}
}

// ID is this server's.
func (n *Node) ID() domain.ID { return n.id }

// Add lets a part take part. It is called before Run.
func (n *Node) Add(p Part) { n.parts = append(n.parts, p) }

// Alone reports whether no other server is known, so that there is nobody to tell anything. A nil node is alone.
func (n *Node) Alone() bool { return n == nil || n.others.Load() == 0 }

// Servers counts the other servers that were heard lately.
func (n *Node) Servers() int { return int(n.others.Load()) }

// Sent counts the words that were handed to the carrier, Received those of others.
func (n *Node) Sent() int64 { return n.sent.Load() }

// Received counts the words of others.
func (n *Node) Received() int64 { return n.received.Load() }

// Tell hands a word to the others, if there are any. It never waits. The body is the node's from then on.
func (n *Node) Tell(kind Kind, to Audience, body []byte) {
	if !n.Alone() {
		n.send(Word{Kind: kind, To: to, Body: body})
	}
}

func (n *Node) send(w Word) {
	w.From = n.id
	n.sent.Add(1)
	n.bus.Send(w)
}

// Run listens and beats until ctx ends, and then tells the others so. The error is the carrier's.
func (n *Node) Run(ctx context.Context) error {
	carried, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- n.bus.Run(carried, n.hear) }() // Run waits for it
	ticks := n.ticks
	if ticks == nil {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		ticks = ticker.C
	}
	var beat time.Time // of the last one
	for {
		select {
		case <-ctx.Done():
			n.send(Word{Kind: Bye})
			stop()
			return <-ended
		case err := <-ended:
			return err
		case <-ticks:
		}
		now := n.now()
		n.bury(now)
		if now.Sub(beat) >= BeatEvery {
			beat = now
			n.beat()
		}
	}
}

func (n *Node) beat() {
	n.turn.Lock()
	defer n.turn.Unlock()
	n.send(Word{Kind: Beat})
	if n.Alone() {
		return
	}
	for _, p := range n.parts {
		p.Beat()
	}
}

// hear takes a word from the carrier.
func (n *Node) hear(w Word) {
	if w.From == n.id || w.From.IsZero() {
		return
	}
	n.turn.Lock()
	defer n.turn.Unlock()
	_, known := n.heard[w.From]
	if !known && (w.Kind == Bye || len(n.heard) >= maxServers) {
		return
	}
	n.received.Add(1)
	if w.Kind == Bye {
		n.part(w.From)
		return
	}
	n.heard[w.From] = n.now()
	n.others.Store(int64(len(n.heard)))
	for _, p := range n.parts {
		if !known {
			p.Joined(w.From)
		}
		p.Hear(w)
	}
}

// bury parts with those who were not heard for too long.
func (n *Node) bury(now time.Time) {
	n.turn.Lock()
	defer n.turn.Unlock()
	for server, heard := range n.heard {
		if now.Sub(heard) >= SilentAfter {
			n.part(server)
		}
	}
}

// part forgets a server. The caller holds turn.
func (n *Node) part(server domain.ID) {
	heard := n.heard[server]
	delete(n.heard, server)
	n.others.Store(int64(len(n.heard)))
	for _, p := range n.parts {
		p.Gone(server, heard)
	}
}
