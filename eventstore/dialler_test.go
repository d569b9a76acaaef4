package eventstore

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// The driver asks a server without TLS on one connection and goes on with another. The first must not stay open: the server would keep it
// for a minute, as one of those that it can have.
func TestConnectionWithoutTLSIsClosed(t *testing.T) {
	t.Setenv("PGSSLMODE", "prefer")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	db, err := OpenDB("postgres://alice@" + listener.Addr().String() + "/chat")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	pinged := make(chan error, 1)
	go func() { pinged <- db.PingContext(t.Context()) }()

	asking := accept(t, listener)
	request := make([]byte, 8) // PostgreSQL, §55.7: SSLRequest
	if _, err := io.ReadFull(asking, request); err != nil {
		t.Fatal(err)
	}
	if _, err := asking.Write([]byte("N")); err != nil {
		t.Fatal(err)
	}
	goingOn := accept(t, listener)
	if _, err := asking.Read(request); !errors.Is(err, io.EOF) {
		t.Errorf("the connection on which TLS was refused: got %v, want EOF", err)
	}
	goingOn.Close()
	if err := <-pinged; err == nil {
		t.Error("a server that says nothing was taken for one that answers")
	}
}

// accept takes a connection that is closed at the test's end at the latest.
func accept(t *testing.T, listener net.Listener) net.Conn {
	t.Helper()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil { // one that stays open fails, and does not hang
		t.Fatal(err)
	}
	return conn
}
