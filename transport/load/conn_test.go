package load

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// tally counts the writes that reach the network.
type tally struct {
	net.Conn
	writes []string
	fail   error
}

func (t *tally) Write(p []byte) (int, error) {
	t.writes = append(t.writes, string(p))
	return len(p), t.fail
}

func (t *tally) Read([]byte) (int, error) { return 0, io.EOF }

func TestConnWritesWhenItWaits(t *testing.T) {
	t.Parallel()
	network := new(tally)
	c := &conn{Conn: network}
	for _, part := range []string{"one ", "two ", "three"} {
		if n, err := c.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("got %d, %v", n, err)
		}
	}
	if len(network.writes) != 0 {
		t.Fatalf("%q was written before anybody waited", network.writes)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if len(network.writes) != 1 || network.writes[0] != "one two three" {
		t.Errorf("got %q, want one write of all", network.writes)
	}
	if err := c.Flush(); err != nil || len(network.writes) != 1 {
		t.Errorf("nothing was left, but got %q, %v", network.writes, err)
	}
}

func TestConnDoesNotCollectForEver(t *testing.T) {
	t.Parallel()
	network := new(tally)
	c := &conn{Conn: network}
	if _, err := c.Write([]byte(strings.Repeat("x", flushAt))); err != nil || len(network.writes) != 1 {
		t.Errorf("%d writes, %v", len(network.writes), err)
	}
}

func TestConnTellsOfAFailedWrite(t *testing.T) {
	t.Parallel()
	network := &tally{fail: net.ErrClosed}
	c := &conn{Conn: network}
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestSleepUntil(t *testing.T) {
	t.Parallel()
	due := time.Now().Add(20 * time.Millisecond)
	sleepUntil(t.Context(), due)
	if early := time.Until(due); early > 0 {
		t.Errorf("it ended %s early", early)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	start := time.Now()
	sleepUntil(ended, start.Add(time.Hour))
	if took := time.Since(start); took > time.Minute {
		t.Errorf("it took %s to see the context's end", took)
	}
}
