package ws_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/domain"
	"chainmail/transport/ws/wstest"
)

// narrow dials with small socket buffers, so that a client that does not read is noticed soon.
func narrow(t *testing.T, s *wstest.Server, user domain.ID) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return conn, err
	}}
	conn, _, err := dialer.Dial("ws://"+s.Address+"/ws", http.Header{"Authorization": {"Bearer " + s.Token(user, time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestSlowReader: who does not read is cut off with 1013, and holds nobody up.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob, slow := s.User("Ann"), s.User("Bob"), s.User("Slow")
	talk := s.Group("us", ann, bob, slow)
	b, lazy := s.Connect(bob), narrow(t, s, slow)
	s.Eventually("both are there", func() bool { return s.WS.Connections() == 2 })
	padding := strings.Repeat("x", 10_000)
	sent := make(chan int, 1)
	go func() {
		n := 0
		for ; s.WS.Counters().TooSlow == 0 && n < 5_000; n++ {
			s.Say(ann, talk, fmt.Sprintf("%d %s", n, padding))
		}
		s.Say(ann, talk, "last")
		sent <- n
	}()
	for n := 0; ; n++ {
		got := b.Expect("chat_message").Text("content")
		if got == "last" {
			break
		}
		if !strings.HasPrefix(got, fmt.Sprintf("%d ", n)) {
			t.Fatalf("the one who reads: got %.20q, want message %d", got, n)
		}
	}
	if n := <-sent; n == 5_000 {
		t.Fatal("50 MB were queued for one who does not read")
	}
	// He comes back to himself: what is under way arrives, and then the reason.
	frames := 0
	for {
		_, _, err := lazy.ReadMessage()
		if err == nil {
			frames++
			continue
		}
		if !websocket.IsCloseError(err, 1013) {
			t.Errorf("after %d frames: got %v, want 1013", frames, err)
		}
		if frames > 200 { // 2 MB: more than the kernel had
			t.Errorf("%d frames came before the end: the queue was not dropped", frames)
		}
		break
	}
	s.Eventually("the slow one is gone", func() bool { return s.WS.Connections() == 1 })
}

// TestStuckReader: one who reads nothing at all is cut off after a while, however little waits for him.
func TestStuckReader(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, slow := s.User("Ann"), s.User("Slow")
	talk := s.Direct(ann, slow)
	narrow(t, s, slow)
	s.Eventually("he is there", func() bool { return s.WS.Connections() == 1 })
	padding := strings.Repeat("x", 10_000)
	before := int64(-1)
	for out := int64(0); out != before; out = s.WS.Counters().FramesOut { // until the writer is stuck
		before = out
		for range 50 {
			s.Say(ann, talk, padding)
		}
		s.Settle()
	}
	for range 9 {
		clock.Advance(2 * time.Second)
	}
	if got := s.WS.Counters().TooSlow; got != 0 {
		t.Fatalf("too slow after 18 s: got %d, want 0", got)
	}
	clock.Advance(2 * time.Second)
	clock.Advance(2 * time.Second)
	if got := s.WS.Counters().TooSlow; got != 1 {
		t.Errorf("too slow after 22 s: got %d, want 1", got)
	}
}

func TestVanishedPeers(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann := s.User("Ann")
	for range 10 {
		c := s.Dial(ann, "")
		c.Hang()
		s.Connect(ann).Hang()
	}
	s.Eventually("all are gone", func() bool { return s.WS.Connections() == 0 })
	c := s.Connect(ann)
	c.Quiet()
}

// TestAbusivePeer: one who sends garbage as fast as he can is slowed down, and nobody else.
func TestAbusivePeer(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	a, b := s.Connect(ann), s.Connect(bob)
	const garbage = 1_050
	begin := time.Now()
	go func() {
		for range garbage {
			if a.Conn.WriteMessage(websocket.TextMessage, []byte("garbage")) != nil {
				return
			}
		}
	}()
	for range garbage {
		a.ExpectError("invalid_json", "")
	}
	if took := time.Since(begin); took < 900*time.Millisecond {
		t.Errorf("50 frames more than are free took %v, want a second", took)
	}
	// Whoever is slowed down waits 20 ms after each frame. However busy the machine: one pair of pings in hundreds takes less.
	quickest := time.Hour
	for range 400 {
		begin := time.Now()
		b.Quiet()
		b.Quiet()
		if quickest = min(quickest, time.Since(begin)); quickest < 20*time.Millisecond {
			return
		}
	}
	t.Errorf("another's two pings took %v or more", quickest)
}

// TestComingAndGoing: while many talk, connections that come and go with since miss nothing, get
// nothing twice and nothing out of order.
func TestComingAndGoing(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	users := s.Users(9)
	talk := s.Group("us", users[0], users[1:]...)
	const senders, messages, sessions = 4, 150, 12
	last := int64(1 + senders*messages) // the seq of the last message

	var clients []*wstest.Client
	for _, user := range users[:senders] {
		clients = append(clients, s.Connect(user))
	}
	var wg sync.WaitGroup
	for _, c := range clients {
		wg.Go(func() {
			for i := range messages {
				c.Send(Is{"type": "chat_message", "conversation_id": talk.String(), "content": fmt.Sprint(i)})
				if i%20 == 19 {
					c.Await("message_sent")
				}
			}
		})
	}
	for _, user := range users[senders:] {
		wg.Go(func() {
			since, seq := int64(0), int64(-1)
			for n := 0; seq < last; n++ {
				c := s.Dial(user, fmt.Sprint("since=", since))
				for frames := 0; seq < last && (n == sessions || frames < 30); frames++ {
					f := c.Next()
					if at := f.Int("position"); f.Type() == "synced" && at < since {
						t.Errorf("synced at %d after %d", at, since)
					} else if f.Type() == "synced" {
						since = at
					}
					if f.Type() != "chat_message" {
						continue
					}
					if seq >= 0 && f.Int("seq") != seq+1 {
						t.Errorf("seq %d after %d", f.Int("seq"), seq)
						return
					}
					seq, since = f.Int("seq"), max(since, f.Int("position"))
				}
				c.Hang()
			}
		})
	}
	wg.Wait()
}
