package wstest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/domain"
)

// Client is a client's connection. One goroutine uses it.
type Client struct {
	User domain.ID
	Conn *websocket.Conn

	t testing.TB
}

// Frame is a frame from the server.
type Frame map[string]any

// Type is the frame's type.
func (f Frame) Type() string { return f.Text("type") }

// Text is a field's string; empty when it is something else or absent.
func (f Frame) Text(name string) string {
	text, _ := f[name].(string)
	return text
}

// Int is a field's number; 0 when it is something else or absent.
func (f Frame) Int(name string) int64 {
	number, _ := f[name].(float64)
	return int64(number)
}

// Has reports whether the field is there, null included.
func (f Frame) Has(name string) bool {
	_, has := f[name]
	return has
}

// Is is shorthand for a frame to be sent.
type Is = map[string]any

// Dial connects a user with a token of an hour, and reads nothing. query is like "since=5".
func (s *Server) Dial(user domain.ID, query string) *Client {
	s.t.Helper()
	c := s.DialWith(query, http.Header{"Authorization": {"Bearer " + s.Token(user, time.Hour)}})
	c.User = user
	return c
}

// DialWith connects with headers, and no token but what is in them or in the query.
func (s *Server) DialWith(query string, header http.Header) *Client {
	s.t.Helper()
	address := url.URL{Scheme: "ws", Host: s.Address, Path: "/ws", RawQuery: query}
	dialer := websocket.Dialer{HandshakeTimeout: patience, ReadBufferSize: 512, WriteBufferSize: 512}
	conn, response, err := dialer.DialContext(s.t.Context(), address.String(), header)
	if err != nil {
		status := "no answer"
		if response != nil {
			status = response.Status
		}
		s.t.Fatalf("connect: %v (%s)", err, status)
	}
	c := &Client{Conn: conn, t: s.t}
	s.t.Cleanup(func() { _ = conn.Close() })
	return c
}

// Connect dials and reads up to synced, which must come without anything missed before it.
func (s *Server) Connect(user domain.ID) *Client {
	s.t.Helper()
	c := s.Dial(user, "")
	c.Expect("authenticated")
	c.Expect("synced")
	return c
}

// Hang closes the connection without a word.
func (c *Client) Hang() { _ = c.Conn.NetConn().Close() }

// Leave closes the connection as a client that is done does.
func (c *Client) Leave() {
	c.t.Helper()
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := c.Conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(patience)); err != nil {
		c.t.Fatalf("send a close frame: %v", err)
	}
	c.ExpectClose(websocket.CloseNormalClosure, "")
}

// Send sends a frame as JSON.
func (c *Client) Send(frame Is) {
	c.t.Helper()
	if err := c.Conn.WriteJSON(frame); err != nil {
		c.t.Fatalf("send %v: %v", frame, err)
	}
}

// SendText sends a text frame as it is.
func (c *Client) SendText(text string) {
	c.t.Helper()
	if err := c.Conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// Next returns the next frame.
func (c *Client) Next() Frame {
	c.t.Helper()
	f, err := c.Try()
	if err != nil {
		c.t.Fatalf("the next frame: %v", err)
	}
	return f
}

// Try returns the next frame, or how the connection ended.
func (c *Client) Try() (Frame, error) {
	if err := c.Conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	_, data, err := c.Conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	var f Frame
	return f, json.Unmarshal(data, &f)
}

// Expect returns the next frame, which must be of the type. Presence and heartbeats are passed
// over, unless they are asked for.
func (c *Client) Expect(kind string) Frame {
	c.t.Helper()
	for {
		f := c.Next()
		switch f.Type() {
		case kind:
			return f
		case "presence", "heartbeat":
			continue
		}
		c.t.Fatalf("the next frame: got %v, want a %s", f, kind)
	}
}

// Await returns the next frame of the type and passes over all others.
func (c *Client) Await(kind string) Frame {
	c.t.Helper()
	for {
		if f := c.Next(); f.Type() == kind {
			return f
		}
	}
}

// ExpectError returns the next frame, which must be an error with the code and the field.
func (c *Client) ExpectError(code, field string) Frame {
	c.t.Helper()
	f := c.Expect("error")
	if f.Text("code") != code || f.Text("field") != field {
		c.t.Fatalf("error: got %v, want code %q, field %q", f, code, field)
	}
	return f
}

// Quiet fails the test if any frame but presence and heartbeats has come before the answer to a
// ping. After Server.Settle, that is every push.
func (c *Client) Quiet() {
	c.t.Helper()
	c.Send(Is{"type": "ping", "ref": "quiet"})
	if f := c.Expect("pong"); f.Text("ref") != "quiet" {
		c.t.Fatalf("got %v, want the answer to a ping", f)
	}
}

// ExpectClose reads until the connection ends, which must be with the code and the reason.
func (c *Client) ExpectClose(code int, reason string) {
	c.t.Helper()
	for {
		_, err := c.Try()
		if err == nil {
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code || closed.Text != reason {
			c.t.Fatalf("the end: got %v, want %d %s", err, code, reason)
		}
		return
	}
}
