package load

import (
	"context"
	"net"
	"sync"
	"time"
)

// flushAt is how much a conn collects before it writes on its own.
const flushAt = 16 << 10

// conn collects what is written until its reader is about to wait, so that the answers to all frames of
// one read leave in one write. Whoever writes from another goroutine than the reader's calls Flush.
type conn struct {
	net.Conn
	mu      sync.Mutex
	pending []byte // guarded by mu
}

func dialConn(ctx context.Context, network, address string) (*conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

func (c *conn) Read(p []byte) (int, error) {
	if err := c.Flush(); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = append(c.pending, p...)
	if len(c.pending) < flushAt {
		return len(p), nil
	}
	return len(p), c.flush()
}

// Flush writes what was collected.
func (c *conn) Flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flush()
}

// flush is Flush for a caller that holds mu.
func (c *conn) flush() error {
	if len(c.pending) == 0 {
		return nil
	}
	_, err := c.Conn.Write(c.pending)
	c.pending = c.pending[:0]
	return err
}

// SetWriteDeadline does nothing: writes go to memory, and closing the connection ends a Flush.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }
