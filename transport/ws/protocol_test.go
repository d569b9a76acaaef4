package ws_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"chainmail/transport/ws/wstest"
)

// masked is a client's frame with a mask of zeros: header byte, payload.
func masked(first byte, payload string) []byte {
	b := []byte{first}
	switch {
	case len(payload) < 126:
		b = append(b, 0x80|byte(len(payload)))
	case len(payload) <= 0xFFFF:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(len(payload)))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(len(payload)))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

func TestProtocolErrors(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann := s.User("Ann")
	for name, test := range map[string]struct {
		bytes []byte
		code  int
	}{
		"unmasked":                      {[]byte{0x81, 2, '{', '}'}, 1002},
		"reserved bit":                  {masked(0xC1, "{}"), 1002},
		"unknown opcode":                {masked(0x83, ""), 1002},
		"unknown control opcode":        {masked(0x8B, ""), 1002},
		"continuation of nothing":       {masked(0x80, "{}"), 1002},
		"message within a message":      {append(masked(0x01, "{"), masked(0x81, "}")...), 1002},
		"fragmented ping":               {masked(0x09, ""), 1002},
		"long ping":                     {masked(0x89, strings.Repeat("x", 126)), 1002},
		"close with one byte":           {masked(0x88, "\x03"), 1002},
		"close with a bad code":         {masked(0x88, "\x03\xED"), 1002}, // 1005 is never sent
		"close whose reason is no text": {masked(0x88, "\x03\xE8\xFF"), 1007},
		"binary":                        {masked(0x82, "{}"), 1003},
		"not UTF-8":                     {masked(0x81, "{\"a\":\"\xC3\x28\"}"), 1007},
		"surrogate in UTF-8":            {masked(0x81, "\xED\xA0\x80"), 1007},
		"too big":                       {masked(0x81, strings.Repeat("x", 65_537)), 1009},
		"too big in pieces": {append(masked(0x01, strings.Repeat("x", 40_000)),
			masked(0x80, strings.Repeat("x", 40_000))...), 1009},
		"much too big":       {masked(0x81, strings.Repeat("x", 5_000_000)), 1009},
		"close":              {masked(0x88, "\x03\xE8"), 1000},
		"close, going away":  {masked(0x88, "\x03\xE9bye"), 1001},
		"close of one's own": {masked(0x88, "\x0F\xA0"), 4000},
		"close without code": {masked(0x88, ""), 1005},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.Connect(ann)
			written := make(chan error, 1)
			go func() {
				_, err := c.Conn.NetConn().Write(test.bytes)
				written <- err
			}()
			_, _, err := c.Conn.ReadMessage()
			if closed, ok := err.(*websocket.CloseError); !ok || closed.Code != test.code {
				t.Errorf("got %v, want close code %d", err, test.code)
			}
			if _, err := c.Conn.NetConn().Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("after the close frame: got %v, want a clean end", err)
			}
			if err := <-written; err != nil { // a server that leaves bytes unread resets the connection
				t.Errorf("write: %v", err)
			}
			if len(closeReason(err)) > 123 {
				t.Errorf("the reason is longer than a control frame: %v", err)
			}
		})
	}
	s.Eventually("all are gone", func() bool { return s.WS.Connections() == 0 })
}

func closeReason(err error) string {
	if closed, ok := err.(*websocket.CloseError); ok {
		return closed.Text
	}
	return ""
}

func TestLargestFrame(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	c := s.Connect(s.User("Ann"))
	c.SendText(`{"type":"ping","x":"` + strings.Repeat("y", 65_536-22) + `"}`)
	c.Expect("pong")
}

func TestFragmentsAndControlFramesBetween(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	c := s.Connect(s.User("Ann"))
	pong := ""
	c.Conn.SetPongHandler(func(body string) error { pong = body; return nil })
	raw := bytes.Join([][]byte{
		masked(0x01, `{"type":"pi`), masked(0x89, "are you there"), masked(0x00, ""), masked(0x8A, "unasked"),
		masked(0x80, `ng","ref":"\u00e9é"}`),
	}, nil)
	for _, b := range raw { // a byte at a time
		if _, err := c.Conn.NetConn().Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if f := c.Expect("pong"); f.Text("ref") != "éé" {
		t.Errorf("got %v", f)
	}
	if pong != "are you there" {
		t.Errorf("control pong: got %q", pong)
	}
}

func TestManyFramesInOnePacket(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	c := s.Connect(s.User("Ann"))
	if _, err := c.Conn.NetConn().Write(bytes.Repeat(masked(0x81, `{"type":"ping"}`), 300)); err != nil {
		t.Fatal(err)
	}
	for range 300 {
		c.Expect("pong")
	}
}

func TestHalfHandshakeIsNoConnection(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	conn, err := net.Dial("tcp", s.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := s.WS.Connections(); got != 0 {
		t.Errorf("connections: got %d, want 0", got)
	}
}
