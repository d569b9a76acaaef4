package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// crowd is many clients who send to one another and come back whenever the connection ends.
type crowd struct {
	t       testing.TB
	address string
	members []*member
	acked   atomic.Int64  // messages that were acknowledged to their senders
	closing chan struct{} // closed when nobody is to send anything new
	done    chan struct{} // closed when all are to leave
	wg      sync.WaitGroup
}

// member is one client. Its goroutine owns it, save what is guarded.
type member struct {
	crowd *crowd
	id    string
	name  string
	token string
	peers []string // whom it writes to, in turn
	group string   // a conversation that it writes to as well

	since   int64
	sent    int
	pending []outgoing // sent and not answered, in order

	waiting atomic.Int64 // len(pending)

	mu       sync.Mutex
	acks     map[string]frame          // guarded by mu; message_sent by client_message_id
	received map[string]frame          // guarded by mu; chat_message by message_id
	seqs     map[string]map[int64]bool // guarded by mu; what was seen of each conversation
}

// outgoing is a message that was not acknowledged yet.
type outgoing struct {
	id, content, to string // to is a field and its value, such as receiver_id=…
}

// connection is what a member knows of its present connection.
type connection struct {
	conn    *websocket.Conn
	order   map[string]int   // when each client_message_id was sent last
	sends   int              // how often something was sent
	lastAck map[string]int64 // per conversation: position of the last new message that was acknowledged
	lastOf  map[string]int   // and when it was sent
	pushed  int64            // position of the last push
	seq     map[string]int64 // per conversation: seq of the last push
}

func (c *crowd) start() {
	for _, m := range c.members {
		c.wg.Go(m.live)
	}
}

// live connects again and again until the crowd leaves.
func (m *member) live() {
	for {
		select {
		case <-m.crowd.done:
			return
		default:
		}
		conn, err := dial(m.crowd.address, m.token, "?since="+strconv.FormatInt(m.since, 10))
		if err == nil {
			m.attend(conn)
		}
		time.Sleep(20 * time.Millisecond) // the server or its database is away
	}
}

// attend uses a connection until it ends.
func (m *member) attend(conn *websocket.Conn) {
	defer conn.Close()
	left := make(chan struct{})
	defer close(left)
	go func() { // ends with attend
		select {
		case <-m.crowd.done:
			conn.Close()
		case <-left:
		}
	}()
	c := &connection{
		conn: conn, order: make(map[string]int), lastAck: make(map[string]int64), lastOf: make(map[string]int),
		seq: make(map[string]int64),
	}
	for {
		f, err := readFrame(conn)
		if err != nil {
			var closed *websocket.CloseError
			if errors.As(err, &closed) && closed.Code != websocket.CloseServiceRestart && closed.Code != websocket.CloseAbnormalClosure {
				m.crowd.t.Errorf("closed with %d %s", closed.Code, closed.Text)
			}
			return
		}
		if err := m.take(c, f); err != nil {
			return
		}
	}
}

// take deals with a frame.
func (m *member) take(c *connection, f frame) error {
	switch f.Type {
	case "synced":
		m.since = max(m.since, f.Position)
		for _, o := range m.pending {
			if err := m.send(c, o); err != nil {
				return err
			}
		}
		return m.fill(c)
	case "heartbeat":
		m.since = max(m.since, f.Position)
	case "message_sent":
		m.acknowledged(c, f)
		return m.fill(c)
	case "chat_message":
		m.push(c, f)
		m.note(f)
		if f.SenderID != m.id && f.Seq%3 == 0 { // some receipts among the messages
			return c.conn.WriteJSON(map[string]any{"type": "delivered", "message_id": f.MessageID})
		}
	case "conversation":
		m.push(c, f)
		m.note(f)
	case "message_status":
		m.push(c, f)
	case "error":
		return m.refused(c, f)
	}
	return nil
}

// window is how many messages a member has under way.
const window = 3

// fill sends new messages up to the window.
func (m *member) fill(c *connection) error {
	for len(m.pending) < window {
		select {
		case <-m.crowd.closing:
			return nil
		default:
		}
		m.sent++
		o := outgoing{id: fmt.Sprintf("%s-%d", m.name, m.sent), to: "receiver_id=" + m.peers[m.sent%len(m.peers)]}
		if m.sent%5 == 0 {
			o.to = "conversation_id=" + m.group
		}
		o.content = "message " + o.id + " of " + m.id
		m.pending = append(m.pending, o)
		m.waiting.Store(int64(len(m.pending)))
		if err := m.send(c, o); err != nil {
			return err
		}
	}
	return nil
}

func (m *member) send(c *connection, o outgoing) error {
	c.sends++
	c.order[o.id] = c.sends
	field, value, _ := strings.Cut(o.to, "=")
	return c.conn.WriteJSON(map[string]any{"type": "chat_message", field: value, "client_message_id": o.id, "content": o.content})
}

// acknowledged takes note of a message_sent, which has to agree with an earlier one.
func (m *member) acknowledged(c *connection, f frame) {
	for i, o := range m.pending {
		if o.id == f.ClientMessageID {
			m.pending = append(m.pending[:i:i], m.pending[i+1:]...)
			m.crowd.acked.Add(1)
			break
		}
	}
	defer func() { m.waiting.Store(int64(len(m.pending))) }() // once it is noted
	m.mu.Lock()
	before, repeated := m.acks[f.ClientMessageID]
	m.acks[f.ClientMessageID] = f
	m.mu.Unlock()
	if repeated && (before.MessageID != f.MessageID || before.Position != f.Position) {
		m.crowd.t.Errorf("%s was acknowledged as %+v and as %+v", f.ClientMessageID, before, f)
	}
	if !f.Duplicate {
		// What one sender sends to one conversation is stored in the order in which it came.
		later := c.order[f.ClientMessageID] > c.lastOf[f.ConversationID]
		if stored := f.Position > c.lastAck[f.ConversationID]; later != stored {
			m.crowd.t.Errorf("%s was stored out of order, at %d after %d", f.ClientMessageID, f.Position, c.lastAck[f.ConversationID])
		}
		c.lastAck[f.ConversationID], c.lastOf[f.ConversationID] = f.Position, c.order[f.ClientMessageID]
	}
	m.note(f)
}

// push checks a durable frame's place among those of the connection.
func (m *member) push(c *connection, f frame) {
	if f.Position < c.pushed {
		m.crowd.t.Errorf("%s at %d was pushed after %d", f.Type, f.Position, c.pushed)
	}
	c.pushed = f.Position
	m.since = max(m.since, f.Position)
	if f.Seq > 0 && f.Seq <= c.seq[f.ConversationID] {
		m.crowd.t.Errorf("seq %d of %s was pushed after %d", f.Seq, f.ConversationID, c.seq[f.ConversationID])
	}
	if f.Seq > 0 {
		c.seq[f.ConversationID] = f.Seq
	}
}

// note remembers what a member has seen.
func (m *member) note(f frame) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seqs[f.ConversationID] == nil {
		m.seqs[f.ConversationID] = make(map[int64]bool)
	}
	m.seqs[f.ConversationID][f.Seq] = true
	if f.Type != "chat_message" {
		return
	}
	if before, again := m.received[f.MessageID]; again && (before.Seq != f.Seq || before.Content != f.Content) {
		m.crowd.t.Errorf("%s was received as %+v and as %+v", f.MessageID, before, f)
	}
	m.received[f.MessageID] = f
}

// refused sends again what the server could not store, and fails on everything else.
func (m *member) refused(c *connection, f frame) error {
	if f.Code != "unavailable" {
		m.crowd.t.Errorf("error %s for %q", f.Code, f.ClientMessageID)
		return nil
	}
	time.Sleep(20 * time.Millisecond) // the database is away
	for _, o := range m.pending {
		if o.id == f.ClientMessageID {
			return m.send(c, o)
		}
	}
	return nil
}
