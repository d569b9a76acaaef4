package eventstore

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// errHungUp is for the driver, which ignores it.
var errHungUp = errors.New("a call that is given up ends with its connection")

// dialler dials for the driver while it makes one connection, and afterwards when it wants a call of that one cancelled.
//
// Where a server refuses TLS that was only preferred, the driver dials anew and forgets the first connection, which the server
// would keep for a minute, as one of those that it can have. The dialler closes it.
//
// To a pooler it dials no cancellation: PgBouncer 1.18 may end by such a request ("server in bad state: 11"). The connection itself is
// closed instead, which any pooler understands.
type dialler struct {
	pooled bool // the address is a pooler's

	mu   sync.Mutex
	conn net.Conn // guarded by mu; the last that was dialled until the connection stood
	made bool     // guarded by mu; the connection stands: whoever dials wants a cancellation
}

// Dial, DialTimeout and DialContext are those of pq.Dialer and pq.DialerContext.
func (d *dialler) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout is Dial with a bound.
func (d *dialler) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext is Dial until ctx ends.
func (d *dialler) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.made && d.pooled {
		d.conn.Close() // the driver closes it too
		return nil, errHungUp
	}
	if d.conn != nil && !d.made {
		d.conn.Close()
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err == nil && !d.made {
		d.conn = conn
	}
	return conn, err
}

// stands says that the connection is made.
func (d *dialler) stands() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.made = true
}
