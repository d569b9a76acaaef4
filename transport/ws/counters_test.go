package ws_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/transport/frame"
	"chainmail/transport/ws"
	"chainmail/transport/ws/wstest"
)

func TestCounters(t *testing.T) {
	t.Parallel()
	var caughtUp atomic.Int64
	s := wstest.Start(t, wstest.Options{Configure: func(c *ws.Config) {
		c.CaughtUp = func(time.Duration) { caughtUp.Add(1) }
	}})
	ann, bob := s.User("Ann"), s.User("Bob")
	a, b, c, d := s.Connect(ann), s.Connect(bob), s.Connect(bob), s.Connect(bob)
	a.Send(Is{"type": "chat_message", "receiver_id": bob.String(), "content": "hello"})
	a.Await("message_sent")
	a.SendText(`{"type":`)
	a.Await("error")
	a.Send(Is{"type": "chat_message", "receiver_id": wstest.ID().String(), "content": "hello"})
	a.Await("error")
	a.Send(Is{"type": "sync", "since": 0})
	a.Await("synced")
	for _, end := range []struct {
		client *wstest.Client
		code   int
	}{{a, websocket.CloseNormalClosure}, {b, 4_321}} {
		if err := end.client.Conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(end.code, "")); err != nil {
			t.Fatal(err)
		}
	}
	c.Hang()
	if err := d.Conn.WriteMessage(websocket.BinaryMessage, []byte("x")); err != nil {
		t.Fatal(err)
	}
	s.Eventually("all have ended", func() bool { return s.WS.Connections() == 0 })

	got, kinds := s.WS.Counters(), s.WS.Kinds()
	if got.Opened != 4 || kinds.FramesIn[frame.ChatMessage] != 2 || kinds.FramesIn[frame.Sync] != 1 || got.Invalid != 1 || got.FramesOut < 10 {
		t.Errorf("frames: got %+v", got)
	}
	if kinds.Errors[frame.InvalidJSON] != 1 || kinds.Errors[frame.ReceiverNotFound] != 1 || kinds.Errors[frame.Internal] != 0 {
		t.Errorf("errors: got %v", kinds.Errors)
	}
	for code, want := range map[int]int64{1000: 1, 1003: 1, 1006: 1, 0: 1, 1008: 0} {
		if kinds.Closed[code] != want {
			t.Errorf("closed with %d: got %d, want %d", code, kinds.Closed[code], want)
		}
	}
	if got.CatchUps != 0 || caughtUp.Load() != 5 {
		t.Errorf("catching up: got %d under way and %d done, want 0 and 5", got.CatchUps, caughtUp.Load())
	}
	if q := s.WS.Queued(); q != (ws.Queued{}) {
		t.Errorf("queued: got %+v", q)
	}
}
