package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// frame is a frame from the server: the fields that these tests look at.
type frame struct {
	Type            string
	Code            string
	MessageID       string `json:"message_id"`
	ClientMessageID string `json:"client_message_id"`
	ConversationID  string `json:"conversation_id"`
	SenderID        string `json:"sender_id"`
	Content         string
	Status          string
	Seq, Position   int64
	Duplicate       bool
	RiskScore       float64 `json:"risk_score"`
	UserID          string  `json:"user_id"`
	Online          bool
	IsTyping        bool `json:"is_typing"`
	Reasons         []string
	Message         string
}

// dial opens a socket.
func dial(address, token, query string) (*websocket.Conn, error) {
	dialer := websocket.Dialer{HandshakeTimeout: patience}
	conn, _, err := dialer.Dial("ws://"+address+"/ws"+query, http.Header{"Authorization": {"Bearer " + token}})
	return conn, err
}

// socket is a connection of a test that fails when anything goes wrong with it.
type socket struct {
	t    testing.TB
	conn *websocket.Conn
}

// connect opens a socket and reads up to synced.
func (s *served) connect(token string) *socket {
	s.t.Helper()
	c := s.dial(token)
	c.await("synced")
	return c
}

// dial opens a socket and reads nothing.
func (s *served) dial(token string) *socket {
	s.t.Helper()
	conn, err := dial(s.address, token, "")
	if err != nil {
		s.t.Fatalf("connect: %v", err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return &socket{s.t, conn}
}

func (c *socket) send(f map[string]any) {
	c.t.Helper()
	if err := c.conn.WriteJSON(f); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// say sends a message.
func (c *socket) say(to, id, content string) {
	c.t.Helper()
	c.send(map[string]any{"type": "chat_message", "receiver_id": to, "client_message_id": id, "content": content})
}

// await returns the next frame of a type and passes over others, though not over errors.
func (c *socket) await(kind string) frame {
	c.t.Helper()
	c.limit()
	for {
		f, err := readFrame(c.conn)
		switch {
		case err != nil:
			c.t.Fatalf("waiting for %s: %v", kind, err)
		case f.Type == kind:
			return f
		case f.Type == "error":
			c.t.Fatalf("waiting for %s: got error %s", kind, f.Code)
		}
	}
}

// awaitClose returns the code that the connection is closed with.
func (c *socket) awaitClose() int {
	c.t.Helper()
	c.limit()
	for {
		_, err := readFrame(c.conn)
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return closed.Code
		}
		if err != nil {
			c.t.Fatalf("waiting for the end: %v", err)
		}
	}
}

// limit bounds how long the next await may take.
func (c *socket) limit() {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatal(err)
	}
}

func readFrame(conn *websocket.Conn) (f frame, err error) {
	_, data, err := conn.ReadMessage()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(data, &f)
}
