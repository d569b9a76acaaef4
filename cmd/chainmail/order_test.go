package main

import (
	"fmt"
	"testing"

	"chainmail/migrations/pgtest"
)

// Messages that arrive while a direct conversation comes into being, because both write first, are stored
// in the order in which they came.
func TestOrderAroundTheStartOfADirectConversation(t *testing.T) {
	t.Parallel()
	const others, each = 30, 8
	m := onDatabase(t, pgtest.New(t).DSN)
	s := m.serve("--listen", "127.0.0.1:0", "--rate-limit", "0")
	alice := m.must("user", "add", "Alice")
	a := s.connect(m.must("token", alice))
	for i := range others {
		other := m.must("user", "add", fmt.Sprintf("Other %d", i))
		b := s.connect(m.must("token", other))
		b.say(alice, "first", "hello")
		last := int64(0)
		for sent, answered := 0, 0; answered < each; answered++ {
			for ; sent < each && sent < answered+3; sent++ {
				a.say(other, fmt.Sprintf("%d-%d", i, sent), "hello")
			}
			f := a.await("message_sent")
			if want := fmt.Sprintf("%d-%d", i, answered); f.ClientMessageID != want || f.Position < last {
				t.Errorf("got %s at %d after %d, want %s", f.ClientMessageID, f.Position, last, want)
			}
			last = f.Position
		}
	}
}
