package ws_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/transport/ws/wstest"
)

// TestStop: on a restart clients get 1012, after the answers to all that they sent.
func TestStop(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	a, idle, vanished := s.Connect(ann), s.Connect(bob), s.Connect(bob)
	vanished.Hang()
	stopped := make(chan struct{})
	go func() {
		for i := 0; ; i++ {
			frame := Is{"type": "chat_message", "conversation_id": talk.String(), "content": "x", "client_message_id": fmt.Sprint(i)}
			if a.Conn.WriteJSON(frame) != nil {
				return
			}
			if i == 500 {
				go func() {
					defer close(stopped)
					s.Stop()
				}()
			}
		}
	}()
	answered := 0
	for {
		_, data, err := a.Conn.ReadMessage()
		if err == nil {
			if strings.HasPrefix(string(data), `{"type":"message_sent"`) {
				answered++
			}
			continue
		}
		if !websocket.IsCloseError(err, 1012) {
			t.Errorf("the sender: got %v, want 1012", err)
		}
		_ = a.Conn.Close()
		break
	}
	idle.ExpectClose(1012, "restart: reconnect with since")
	_ = idle.Conn.Close()
	<-stopped
	s.Commands.Close()              // waits for what is under way
	stored := int(s.Log.Head()) - 3 // two users, a conversation
	if answered != stored {
		t.Errorf("%d messages were stored and %d answered", stored, answered)
	}
	if got := s.WS.Connections(); got != 0 {
		t.Errorf("connections: got %d, want 0", got)
	}
}

// TestStopWithDeafClients: clients that do not answer the close frame don't hold up a restart.
func TestStopWithDeafClients(t *testing.T) {
	t.Parallel()
	var took time.Duration
	for range 5 { // on a busy machine one stop may take long by itself, but they are dropped by force only after 6 s
		s := wstest.Start(t, wstest.Options{})
		for range 20 {
			s.Connect(s.User("Ann"))
		}
		begin := time.Now()
		s.Stop()
		if took = time.Since(begin); took < 5*time.Second {
			return
		}
	}
	t.Errorf("stopping took %v", took)
}
