package fanout

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"chainmail/transport/cluster/seal"
)

const (
	// namesAtOnce bounds how many channels one command names.
	namesAtOnce = 1000
	// deafAfter is how long nothing may come before a connection is made anew: there is a beat each second, unless nobody publishes.
	deafAfter = 5 * time.Second
	// reconnectAfter and reconnectWithin bound the wait before a connection is made anew. It doubles.
	reconnectAfter  = 100 * time.Millisecond
	reconnectWithin = 2 * time.Second
)

// errAnew says that a connection was given up on purpose.
var errAnew = errors.New("the connection is made anew")

// lane is a connection that subscribes to what is wanted in one of the lanes.
type lane struct {
	number   int
	client   redis.UniversalClient
	names    names
	interest *interest
	inbox    *inbox
	words    func(word []byte) // gets words between servers
	seals    *seal.Seals       // owned by the goroutine that receives
	anew     chan struct{}     // capacity 1: the connection is to be made anew
}

// run keeps a connection until ctx ends.
func (l *lane) run(ctx context.Context) {
	wait := reconnectAfter
	for ctx.Err() == nil {
		began := time.Now()
		_ = l.connect(ctx) // the source tells of what is lost
		if time.Since(began) > deafAfter {
			wait = reconnectAfter
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		wait = min(2*wait, reconnectWithin)
	}
}

// refresh has the connection made anew.
func (l *lane) refresh() {
	select {
	case l.anew <- struct{}{}:
	default:
	}
}

// connect subscribes and receives until the connection is lost.
func (l *lane) connect(ctx context.Context) error {
	select {
	case <-l.anew: // it is
	default:
	}
	ps := l.client.Subscribe(ctx) // to nothing: it connects with the first channel
	defer ps.Close()
	err := l.subscribe(ctx, ps, []string{l.names.broadcast(l.number)})
	if err != nil {
		return err
	}
	l.inbox.connected(l.number, time.Now())
	if err := l.subscribe(ctx, ps, l.interest.all(l.number)); err != nil {
		return err
	}
	g, inner := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer ps.Close() // so that receiving ends too
		return l.keep(inner, ps)
	})
	g.Go(func() error { return l.receive(inner, ps) })
	return g.Wait()
}

// keep subscribes to what becomes wanted, and unsubscribes from what no longer is, until ctx ends.
func (l *lane) keep(ctx context.Context, ps *redis.PubSub) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.anew:
			return errAnew
		case <-l.interest.lanes[l.number].wake:
		}
		add, remove := l.interest.take(l.number)
		if err := l.subscribe(ctx, ps, add); err != nil {
			return err
		}
		if err := l.unsubscribe(ctx, ps, remove); err != nil {
			return err
		}
	}
}

func (l *lane) subscribe(ctx context.Context, ps *redis.PubSub, names []string) error {
	if l.names.lanes > 1 {
		return inPortions(ctx, names, ps.SSubscribe)
	}
	return inPortions(ctx, names, ps.Subscribe)
}

func (l *lane) unsubscribe(ctx context.Context, ps *redis.PubSub, names []string) error {
	if l.names.lanes > 1 {
		return inPortions(ctx, names, ps.SUnsubscribe)
	}
	return inPortions(ctx, names, ps.Unsubscribe)
}

func inPortions(ctx context.Context, names []string, call func(context.Context, ...string) error) error {
	for len(names) > 0 {
		n := min(len(names), namesAtOnce)
		if err := call(ctx, names[:n]...); err != nil {
			return err
		}
		names = names[n:]
	}
	return nil
}

// receive takes in what comes, until the connection is lost or nothing comes any more.
func (l *lane) receive(ctx context.Context, ps *redis.PubSub) error {
	for {
		message, err := ps.ReceiveTimeout(ctx, deafAfter)
		if err != nil {
			var network net.Error
			if errors.As(err, &network) && network.Timeout() {
				return errAnew
			}
			return err
		}
		switch m := message.(type) {
		case *redis.Message:
			l.take(m.Channel, []byte(m.Payload))
		case *redis.Subscription:
			if m.Kind == "sunsubscribe" && m.Channel == l.names.broadcast(l.number) {
				return errAnew // the slot has moved to another node
			}
		}
	}
}

// take takes in a message. What nobody of us has signed is nothing.
func (l *lane) take(name string, signed []byte) {
	message, ours := l.seals.Open(name, signed)
	if !ours || len(message) < header || message[0] != version {
		return
	}
	switch message[1] {
	case anEvent:
		c, known := l.names.parse(l.number, name)
		epoch, e, err := readEvent(message)
		if known && err == nil && !onlyFromLog(e.Type) {
			l.inbox.event(l.number, epoch, arrival{c, e}, len(signed))
		}
	case aMarker:
		if m, err := readMarker(message); err == nil && name == l.names.broadcast(l.number) {
			l.inbox.marker(l.number, m, len(signed), time.Now())
		}
	case someWord:
		l.words(message[header:])
	}
}
