package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
)

// slowAtOnce is how many slow clients of each kind there are.
const slowAtOnce = 20

// Clients that send their headers or bodies in drops are sent away, and those that never read what they asked for wait for
// nobody else: meanwhile all others are served.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	user := m.must("user", "add", "Ann")
	token := m.must("token", user)
	s := m.serve("--listen", "127.0.0.1:0")
	s.awaitReady(http.StatusOK, "ready")
	const head = "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100000\r\n\r\n{"
	var wait sync.WaitGroup
	for range slowAtOnce {
		s.hoard("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", 200)
		s.hoard("GET /tile/0/000.p/1 HTTP/1.1\r\nHost: x\r\n\r\n", 20_000)
		for request, want := range map[string]string{
			"GET /api/me HTTP/1.1\r\nX-Slow: ":             "", // not a word: there is no request yet
			fmt.Sprintf(head, "/api/messages/read", token): "HTTP/1.1 400 ",
			fmt.Sprintf(head, "/api/auth/nonce", ""):       "HTTP/1.1 400 ",
		} {
			wait.Go(func() {
				if got := s.trickle(request); !strings.HasPrefix(got, want) || want == "" && got != "" {
					t.Errorf("%.40q got %.200q, want %q", request, got, want)
				}
			})
		}
	}
	ended := make(chan struct{})
	go func() {
		wait.Wait()
		close(ended)
	}()
	socket := s.connect(token)
	for served := 0; ; served++ {
		for _, path := range []string{"/api/me", "/checkpoint", "/api/log-key"} {
			if status, body := s.ask(token, "GET", path, "", ""); status != http.StatusOK && status != http.StatusNotFound {
				t.Errorf("%s meanwhile: %d %s", path, status, body)
			}
		}
		select {
		case <-ended:
			if served < 10 {
				t.Errorf("only %d rounds of requests were served meanwhile", served)
			}
			socket.send(map[string]any{"type": "ping"})
			socket.await("pong")
			return
		default:
		}
	}
}

// rawConn opens a connection that ends with the test.
func (s *served) rawConn() net.Conn {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Error(err)
		return nil
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// trickle sends a byte at a time after what it begins with, and returns what the server says before it hangs up.
func (s *served) trickle(begin string) string {
	conn := s.rawConn()
	if conn == nil {
		return ""
	}
	_, err := io.WriteString(conn, begin)
	gone := make(chan struct{})
	go func() { // ends with the connection
		defer close(gone)
		for err == nil {
			time.Sleep(50 * time.Millisecond)
			_, err = conn.Write([]byte("x"))
		}
	}()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	said, failure := io.ReadAll(conn)
	var late net.Error
	if errors.As(failure, &late) && late.Timeout() {
		s.t.Errorf("%.40q is still waited for", begin)
	}
	conn.Close()
	<-gone
	return string(said)
}

// hoard asks for something again and again, and reads nothing.
func (s *served) hoard(request string, times int) {
	conn := s.rawConn()
	if conn == nil {
		return
	}
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	go func() { // ends with the connection
		_, _ = io.Copy(conn, strings.NewReader(strings.Repeat(request, times)))
	}()
}

// A client that does not read its answer is given up, and what wrote to it ends.
func TestAnswersThatNobodyReads(t *testing.T) {
	t.Parallel()
	written := make(chan error, 1)
	endless := func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for {
			if _, err := w.Write(chunk); err != nil {
				written <- err
				return
			}
		}
	}
	server := newHTTPServer(http.HandlerFunc(endless), slog.New(slog.DiscardHandler))
	for what, limit := range map[string]time.Duration{
		"headers": server.ReadHeaderTimeout, "a request": server.ReadTimeout, "an answer": server.WriteTimeout, "the next request": server.IdleTimeout,
	} {
		if limit <= 0 || limit > 2*time.Minute {
			t.Errorf("%s may take %s", what, limit)
		}
	}
	server.WriteTimeout = 100 * time.Millisecond // of a minute
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		<-served
	})
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(conn).ReadByte(); err != nil { // the answer has begun
		t.Fatal(err)
	}
	select {
	case <-written:
	case <-time.After(patience):
		t.Error("it is written to for ever")
	}
}
