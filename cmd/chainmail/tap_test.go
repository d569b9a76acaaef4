package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// record is all frames of some connections, in a line of JSON each, as tools/describe/frames.js reads them.
type record struct {
	t testing.TB

	mu    sync.Mutex
	lines []string // guarded by mu
}

// side is who sends a frame.
type side string

const (
	fromClient side = "client"
	fromServer side = "server"
)

func (r *record) add(from side, frame []byte, refused bool) {
	line, err := json.Marshal(map[string]any{"side": from, "frame": json.RawMessage(frame), "refused": refused})
	if err != nil {
		r.t.Errorf("%s: %v", frame, err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, string(line))
}

// tap is a connection whose frames are recorded.
type tap struct {
	record *record
	conn   *websocket.Conn
	ended  chan struct{} // closed when nothing more comes

	mu   sync.Mutex
	got  []map[string]any // guarded by mu
	seen int              // guarded by mu; up to which await has looked
	more chan struct{}    // guarded by mu; closed with each frame
}

// tap opens a connection and waits for synced.
func (r *record) tap(s *served, token string) *tap {
	r.t.Helper()
	conn, err := dial(s.address, token, "")
	if err != nil {
		r.t.Fatalf("connect: %v", err)
	}
	p := &tap{record: r, conn: conn, ended: make(chan struct{}), more: make(chan struct{})}
	go p.read()
	r.t.Cleanup(p.close)
	p.await("synced")
	return p
}

func (p *tap) close() {
	_ = p.conn.Close()
	<-p.ended
}

func (p *tap) read() {
	defer close(p.ended)
	for {
		_, data, err := p.conn.ReadMessage()
		if err != nil {
			return
		}
		p.record.add(fromServer, data, false)
		var f map[string]any
		if err := json.Unmarshal(data, &f); err != nil {
			p.record.t.Errorf("%s: %v", data, err)
			return
		}
		p.mu.Lock()
		p.got = append(p.got, f)
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
	}
}

// send sends a frame that the description allows.
func (p *tap) send(format string, args ...any) {
	p.record.t.Helper()
	p.write(false, fmt.Sprintf(format, args...))
}

// sendBad sends a frame that the description does not allow, and waits for the error.
func (p *tap) sendBad(format string, args ...any) {
	p.record.t.Helper()
	p.write(true, fmt.Sprintf(format, args...))
	p.await("error")
}

func (p *tap) write(refused bool, frame string) {
	p.record.t.Helper()
	p.record.add(fromClient, []byte(frame), refused)
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		p.record.t.Fatalf("send %s: %v", frame, err)
	}
}

// await returns the next frame of a type, after those that were awaited before.
func (p *tap) await(kind string) map[string]any {
	p.record.t.Helper()
	timeout := time.After(patience)
	for {
		p.mu.Lock()
		for p.seen < len(p.got) {
			f := p.got[p.seen]
			p.seen++
			if f["type"] == kind {
				p.mu.Unlock()
				return f
			}
		}
		more := p.more
		p.mu.Unlock()
		select {
		case <-more:
		case <-p.ended:
			p.record.t.Fatalf("the connection ended before %s", kind)
		case <-timeout:
			p.record.t.Fatalf("waited in vain for %s", kind)
		}
	}
}
