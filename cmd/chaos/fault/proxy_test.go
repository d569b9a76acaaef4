package fault_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/cmd/chaos/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come.
const patience = time.Minute

// dial opens a connection through a proxy and returns both ends of it.
func dial(t *testing.T) (proxy *fault.Proxy, client, server net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	proxy, err = fault.Listen("127.0.0.1:0", fault.To("tcp", listener.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	if client, err = net.Dial("tcp", proxy.Address()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	for _, end := range []net.Conn{client, server} {
		if err := end.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
	}
	return proxy, client, server
}

// passes checks that a text goes through.
func passes(t *testing.T, from, to net.Conn, text string) {
	t.Helper()
	if _, err := from.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	arrives(t, to, text)
}

func arrives(t *testing.T, at net.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(at, got); err != nil || string(got) != text {
		t.Fatalf("got %q, %v, want %q", got, err, text)
	}
}

func TestProxyPassesOn(t *testing.T) {
	t.Parallel()
	proxy, client, server := dial(t)
	passes(t, client, server, "question")
	passes(t, server, client, "answer")
	if up, down := proxy.Through(fault.Up), proxy.Through(fault.Down); up != 8 || down != 6 {
		t.Errorf("passed on: got %d and %d, want 8 and 6", up, down)
	}
	if err := client.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after an orderly end: got %v, want EOF", err)
	}
	passes(t, server, client, "last words")
}

func TestProxyDelays(t *testing.T) {
	t.Parallel()
	const delay = 50 * time.Millisecond
	proxy, client, server := dial(t)
	proxy.Set(fault.Mode{Delay: delay})
	began := time.Now()
	passes(t, client, server, "question")
	if took := time.Since(began); took < delay {
		t.Errorf("it took %s, want at least %s", took, delay)
	}
}

// What is swallowed waits, in one direction alone, and comes when the proxy lets it.
func TestProxySwallows(t *testing.T) {
	t.Parallel()
	proxy, client, server := dial(t)
	proxy.Set(fault.Mode{Swallow: [2]bool{fault.Up: true}})
	if _, err := client.Write([]byte("question")); err != nil {
		t.Fatal(err)
	}
	passes(t, server, client, "unasked")
	if n := proxy.Through(fault.Up); n != 0 {
		t.Errorf("%d bytes were passed on", n)
	}
	proxy.Set(fault.Mode{})
	arrives(t, server, "question")
}

func TestProxyCutsAfterSomeBytes(t *testing.T) {
	t.Parallel()
	for _, bytes := range []int64{0, 1, 5, 8} {
		proxy, client, server := dial(t)
		passes(t, client, server, "before")
		proxy.CutAfter(fault.Up, bytes)
		if _, err := client.Write([]byte("question")); err != nil {
			t.Fatal(err)
		}
		isReset(t, client)
		got, _ := io.ReadAll(server) // a reset may take along what was not read yet
		if int64(len(got)) > bytes || string(got) != "question"[:len(got)] {
			t.Errorf("after a cut at %d: got %q", bytes, got)
		}
		if n := proxy.Through(fault.Up); n != 6+bytes {
			t.Errorf("after a cut at %d: %d bytes were passed on", bytes, n-6)
		}
	}
}

func TestProxyResets(t *testing.T) {
	t.Parallel()
	proxy, client, server := dial(t)
	passes(t, client, server, "question")
	if n := proxy.Reset(); n != 1 {
		t.Errorf("connections that were reset: got %d, want 1", n)
	}
	isReset(t, client)
	isReset(t, server)
}

func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	proxy, _, _ := dial(t)
	proxy.Set(fault.Mode{Refuse: true})
	refused, err := net.Dial("tcp", proxy.Address())
	if errors.Is(err, syscall.ECONNRESET) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer refused.Close()
	isReset(t, refused)
}

// A connection that is swallowed ends with the proxy.
func TestProxyCloses(t *testing.T) {
	t.Parallel()
	proxy, client, _ := dial(t)
	proxy.Set(fault.Mode{Swallow: [2]bool{true, true}, Delay: time.Hour})
	if _, err := client.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
		t.Fatal(err)
	}
	if err := proxy.Close(); err != nil {
		t.Fatal(err)
	}
	isReset(t, client)
}

// isReset checks that a connection has ended with a reset.
func isReset(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	_, err := io.Copy(io.Discard, conn)
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want a reset", err)
	}
}
