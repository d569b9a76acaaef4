package fault

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// link is one connection through a proxy.
type link struct {
	proxy  *Proxy
	ends   [2]net.Conn   // the client's and the target's
	once   sync.Once     // around broken
	broken chan struct{} // closed when the link is reset

	left    [2]int64 // bytes until the cut, by direction; guarded by proxy.mu
	limited [2]bool  // whether there is one, guarded by proxy.mu
}

// pump passes bytes on in one direction until either end is closed.
func (l *link) pump(d Direction) {
	from, to := l.ends[d], l.ends[1-d]
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !l.pass(d, to, buffer[:n]) {
			return
		}
		switch {
		case errors.Is(err, io.EOF):
			if half, ok := to.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // the other direction goes on
			}
			return
		case err != nil:
			l.reset()
			return
		}
	}
}

// pass hands on one piece as the proxy's mode wants it, and reports whether the link goes on.
func (l *link) pass(d Direction, to net.Conn, piece []byte) bool {
	if !l.admit(d) {
		return false
	}
	piece, whole := l.allowed(d, piece)
	_, err := to.Write(piece)
	if err != nil || !whole {
		l.reset()
		return false
	}
	return true
}

// admit waits as long as the mode says, and reports whether the link is still there.
func (l *link) admit(d Direction) bool {
	for delayed := false; ; {
		l.proxy.mu.Lock()
		mode, changed := l.proxy.mode, l.proxy.changed
		l.proxy.mu.Unlock()
		var wait <-chan time.Time
		switch {
		case mode.Swallow[d]:
			delayed = false
		case mode.Delay > 0 && !delayed:
			timer := time.NewTimer(mode.Delay)
			defer timer.Stop()
			wait, delayed = timer.C, true
		default:
			return true
		}
		select {
		case <-wait:
		case <-changed:
		case <-l.broken:
			return false
		}
	}
}

// allowed cuts a piece to what may still pass.
func (l *link) allowed(d Direction, piece []byte) (_ []byte, whole bool) {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	whole = true
	if l.limited[d] {
		if whole = l.left[d] > int64(len(piece)); !whole {
			piece = piece[:max(l.left[d], 0)]
		}
		l.left[d] -= int64(len(piece))
	}
	l.proxy.through[d] += int64(len(piece))
	return piece, whole
}

// reset ends both connections so that their peers see an error, not an orderly end.
func (l *link) reset() {
	l.once.Do(func() { close(l.broken) })
	for _, end := range l.ends {
		if tcp, ok := end.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // RST in place of FIN
		}
	}
	l.close()
}

// close closes both ends; a second time does nothing.
func (l *link) close() {
	for _, end := range l.ends {
		if end != nil {
			_ = end.Close()
		}
	}
}
