package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
)

// listener is a connection that does nothing but listen, and remembers the durable frames.
type listener struct {
	t     testing.TB
	conn  *websocket.Conn
	ended chan struct{}

	mu     sync.Mutex
	frames []map[string]any // guarded by mu
	synced bool             // guarded by mu
	more   chan struct{}    // guarded by mu; closed with each frame
}

// durable are the types of frames that come of events.
var durable = []string{
	"chat_message", "message_status", "message_erased", "conversation",
	"notification", "notification_read", "task_status_update", "announcement",
}

// listen opens a connection. The query is empty or such as ?since=0.
func (s *served) listen(token, query string) *listener {
	s.t.Helper()
	conn, err := dial(s.address, token, query)
	if err != nil {
		s.t.Fatalf("connect: %v", err)
	}
	l := &listener{t: s.t, conn: conn, ended: make(chan struct{}), more: make(chan struct{})}
	go l.read()
	s.t.Cleanup(l.close)
	l.await("synced", func([]map[string]any) bool { return l.synced })
	return l
}

func (l *listener) close() {
	_ = l.conn.Close()
	<-l.ended
}

func (l *listener) read() {
	defer close(l.ended)
	for {
		_, data, err := l.conn.ReadMessage()
		if err != nil {
			return
		}
		var f map[string]any
		if err := json.Unmarshal(data, &f); err != nil {
			l.t.Errorf("%s: %v", data, err)
			return
		}
		l.mu.Lock()
		kind, _ := f["type"].(string)
		if slices.Contains(durable, kind) {
			l.frames = append(l.frames, f)
		}
		l.synced = l.synced || kind == "synced"
		close(l.more)
		l.more = make(chan struct{})
		l.mu.Unlock()
	}
}

// await waits until something holds of the frames. It is asked with mu held.
func (l *listener) await(what string, holds func([]map[string]any) bool) {
	l.t.Helper()
	for {
		l.mu.Lock()
		done, more := holds(l.frames), l.more
		l.mu.Unlock()
		if done {
			return
		}
		select {
		case <-more:
		case <-l.ended:
			l.t.Fatalf("the connection ended before %s", what)
		}
	}
}

// next waits for the first frame of a type after the frames that were seen, and returns it.
func (l *listener) next(kind string, seen int) (f map[string]any) {
	l.t.Helper()
	l.await(kind, func(frames []map[string]any) bool {
		for _, f = range frames[min(seen, len(frames)):] {
			if f["type"] == kind {
				return true
			}
		}
		return false
	})
	return f
}

// all returns the frames so far.
func (l *listener) all() []map[string]any {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.frames)
}

// types names the frames' types, to compare.
func types(frames []map[string]any) string {
	var names []string
	for _, f := range frames {
		names = append(names, f["type"].(string))
	}
	return fmt.Sprint(names)
}
