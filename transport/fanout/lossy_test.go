package fanout_test

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// lossy stands before a Redis and loses single messages on their way to subscribers, and single subscriptions on the way back.
type lossy struct {
	url      string
	target   string
	listener net.Listener
	one      atomic.Int64 // one message in so many is lost; 0: none
	markers  atomic.Bool  // those that go to all are lost too
	lost     atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]struct{} // guarded by mu
	wg    sync.WaitGroup
}

func newLossy(t testing.TB, port int) *lossy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &lossy{
		url: "redis://" + listener.Addr().String(), target: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), listener: listener,
		conns: make(map[net.Conn]struct{}),
	}
	l.wg.Go(l.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		l.mu.Lock()
		for c := range l.conns {
			_ = c.Close()
		}
		l.mu.Unlock()
		l.wg.Wait()
	})
	return l
}

func (l *lossy) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		l.mu.Lock()
		l.conns[client], l.conns[server] = struct{}{}, struct{}{}
		l.mu.Unlock()
		l.wg.Go(func() { l.pump(server, client, []byte("subscribe")) })
		l.wg.Go(func() { l.pump(client, server, []byte("message")) })
	}
}

// pump copies values of RESP, save some of those that begin with a word.
func (l *lossy) pump(to, from net.Conn, word []byte) {
	defer to.Close()
	defer from.Close()
	source := bufio.NewReader(from)
	for {
		value, err := readValue(source, nil)
		if err != nil {
			return
		}
		one, begins := l.one.Load(), value[:min(len(value), 60)]
		may := bytes.Contains(begins, append(append([]byte("\r\n"), word...), '\r')) &&
			(l.markers.Load() || !bytes.Contains(begins, []byte("broadcast")))
		if one > 0 && may && rand.Int64N(one) == 0 {
			l.lost.Add(1)
			continue
		}
		if _, err := to.Write(value); err != nil {
			return
		}
	}
}

// readValue reads one value of RESP as it is.
func readValue(r *bufio.Reader, value []byte) ([]byte, error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	value = append(value, line...)
	n, _ := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	switch line[0] {
	case '$', '=', '!':
		if n < 0 {
			return value, nil
		}
		text := make([]byte, n+2)
		if _, err := io.ReadFull(r, text); err != nil {
			return nil, err
		}
		return append(value, text...), nil
	case '%':
		n *= 2
	case '*', '>', '~':
	default:
		return value, nil
	}
	for range n {
		if value, err = readValue(r, value); err != nil {
			return nil, err
		}
	}
	return value, nil
}
