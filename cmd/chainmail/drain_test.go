package main

import (
	"errors"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"

	"chainmail/migrations/pgtest"
)

// A server that drains is not ready, closes its sockets one by one with 1012, and serves whoever still comes, until it ends.
func TestDrain(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	ann, bob := m.must("user", "add", "Ann"), m.must("user", "add", "Bob")
	token := m.must("token", ann)
	s := m.serve("--listen", "127.0.0.1:0", "--drain", "4s")
	sockets := make([]*socket, 3)
	for i := range sockets {
		sockets[i] = s.connect(token)
	}
	conversation := s.call(token, "POST", "/api/conversations", `{"participant_ids":["`+bob+`"]}`, 201)["id"].(string)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is not ready", func() bool {
		status, _ := s.get("/readyz")
		return status == 503
	})
	if status, _ := s.get("/healthz"); status != 200 {
		t.Errorf("it lives: got %d", status)
	}
	closed := make(chan *websocket.CloseError, len(sockets))
	for _, c := range sockets {
		c.limit()
		go func() { // the test waits for it
			_, err := readFrame(c.conn)
			for err == nil {
				_, err = readFrame(c.conn)
			}
			var with *websocket.CloseError
			errors.As(err, &with)
			closed <- with
		}()
	}
	if with := <-closed; with == nil || with.Code != 1012 {
		t.Errorf("the first socket: got %v, want 1012", with)
	}
	// While some are closed and others are not, all that works is served.
	s.call(token, "POST", "/api/conversations/"+conversation+"/messages", `{"content":"still here"}`, 201)
	for range len(sockets) - 1 {
		if with := <-closed; with == nil || with.Code != 1012 {
			t.Errorf("another socket: got %v, want 1012", with)
		}
	}
	<-s.ended
	if status := s.cmd.ProcessState.ExitCode(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
}
