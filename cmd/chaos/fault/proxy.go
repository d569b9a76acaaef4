package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Target is where a proxy's next connection goes: a network and an address, as net.Dial takes them. It returns
// false when there is nowhere to go; the connection is then reset.
type Target func() (network, address string, ok bool)

// To is a target that stays the same.
func To(network, address string) Target {
	return func() (string, string, bool) { return network, address, true }
}

// Proxy passes TCP connections on, and can be told to disturb them. Its methods may be called by several goroutines at once.
type Proxy struct {
	target   Target
	listener net.Listener
	work     sync.WaitGroup // the connections

	mu      sync.Mutex
	mode    Mode
	changed chan struct{}      // closed when the mode changes, guarded by mu
	links   map[*link]struct{} // guarded by mu
	closed  bool               // guarded by mu
	through [2]int64           // bytes passed on in each direction, guarded by mu
}

// Mode is how a proxy treats what passes through it. The zero mode passes everything on at once.
type Mode struct {
	Delay   time.Duration // before each piece is passed on
	Swallow [2]bool       // by [Direction]: nothing is passed on until the mode changes; what waits then is
	Refuse  bool          // new connections are reset
}

// Direction is one of the two ways through a proxy.
type Direction int

// The two ways.
const (
	Up   Direction = iota // from the client to the target
	Down                  // back
)

// dialLimit bounds how long a target may take to accept.
const dialLimit = 5 * time.Second

// Listen opens a proxy at a free port of the loopback interface, or at the given address. It passes on from then on, until Close.
func Listen(address string, target Target) (*Proxy, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for a proxy: %w", err)
	}
	p := &Proxy{target: target, listener: listener, changed: make(chan struct{}), links: make(map[*link]struct{})}
	p.work.Go(p.accept)
	return p, nil
}

// Address is where the proxy listens.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Set changes how connections are treated, those that are open included.
func (p *Proxy) Set(m Mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = m
	close(p.changed)
	p.changed = make(chan struct{})
}

// Reset ends all connections with a TCP reset and returns how many there were.
func (p *Proxy) Reset() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.reset()
	}
	return len(p.links)
}

// CutAfter ends each connection that is open with a reset once so many more bytes have gone through it in the direction. What is
// beyond them is lost; those before arrive.
func (p *Proxy) CutAfter(d Direction, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.left[d], l.limited[d] = bytes, true
	}
}

// Links is how many connections are open.
func (p *Proxy) Links() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Through is how many bytes were passed on in a direction.
func (p *Proxy) Through(d Direction) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.through[d]
}

// Close ends all connections and waits for them. It may be called once.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.listener.Close()
	p.Set(Mode{})
	p.Reset()
	p.work.Wait()
	return err
}

// accept takes connections until the listener is closed.
func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // the peer is gone already
		}
		p.work.Go(func() { p.serve(client.(*net.TCPConn)) })
	}
}

// serve passes one connection on.
func (p *Proxy) serve(client *net.TCPConn) {
	l := &link{proxy: p, ends: [2]net.Conn{client, nil}, broken: make(chan struct{})}
	network, address, ok := p.target()
	if p.refuses() || !ok {
		l.reset()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialLimit)
	defer cancel()
	var dialer net.Dialer
	target, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		l.reset()
		return
	}
	l.ends[1] = target
	if !p.join(l) {
		l.reset()
		return
	}
	defer p.leave(l)
	var both sync.WaitGroup
	both.Go(func() { l.pump(Up) })
	both.Go(func() { l.pump(Down) })
	both.Wait()
	l.close()
}

func (p *Proxy) refuses() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode.Refuse || p.closed
}

func (p *Proxy) join(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.links[l] = struct{}{}
	return true
}

func (p *Proxy) leave(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}
