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

// hangup makes one connection to a pooler. The driver ends a call that is given up by a request for its cancellation on another
// connection; PgBouncer 1.18 may end by such a request ("server in bad state: 11"). Here the connection itself is closed
// instead, which any pooler understands.
type hangup struct {
	mu   sync.Mutex
	conn net.Conn // guarded by mu; the last that was dialled
	made bool     // guarded by mu; the connection stands: whoever dials wants a cancellation
}

// Dial, DialTimeout and DialContext are those of pq.Dialer and pq.DialerContext.
func (h *hangup) Dial(network, address string) (net.Conn, error) {
	return h.DialContext(context.Background(), network, address)
}

// DialTimeout is Dial with a bound.
func (h *hangup) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return h.DialContext(ctx, network, address)
}

// DialContext is Dial until ctx ends.
func (h *hangup) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.made {
		h.conn.Close() // the driver closes it too
		return nil, errHungUp
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err == nil {
		h.conn = conn
	}
	return conn, err
}

// stands says that the connection is made.
func (h *hangup) stands() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.made = true
}
