package ws

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/domain"
	"chainmail/eventstore"
)

// TestFrames reads back, with gorilla as the client, what is framed here.
func TestFrames(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 125, 126, 127, 65_535, 65_536, 70_000} {
		payload := text(strings.Repeat("x", length))
		var b []byte
		b = appendText(b, payload)
		b = appendFrame(b, textFrame, payload)
		if got := frameLength(b); got*2 != len(b) {
			t.Errorf("%d bytes: frameLength: got %d, want %d", length, got, len(b)/2)
		}
		if got := wholeFrames(b, 1); got*2 != len(b) {
			t.Errorf("%d bytes: the first of two frames: got %d, want %d", length, got, len(b)/2)
		}
		if got := wholeFrames(b, len(b)); got != len(b) {
			t.Errorf("%d bytes: both frames: got %d, want %d", length, got, len(b))
		}
		client := client(t, b)
		for range 2 {
			kind, got, err := client.ReadMessage()
			if err != nil || kind != websocket.TextMessage || !bytes.Equal(got, payload) {
				t.Errorf("%d bytes: got %d of type %d, %v", length, len(got), kind, err)
			}
		}
	}
}

func TestCloseFrames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code   int
		reason string
		want   string
	}{
		{1008, "token expired", "token expired"},
		{1000, "", ""},
		{1002, strings.Repeat("x", 200), strings.Repeat("x", 123)},
		{1002, strings.Repeat("é", 100), strings.Repeat("é", 61)}, // no half of a character
		{codeNoStatus, "", ""},
	} {
		_, _, err := client(t, appendClose(nil, test.code, test.reason)).ReadMessage()
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != test.code || closed.Text != test.want {
			t.Errorf("%d %s: got %v", test.code, test.reason, err)
		}
	}
}

type text []byte

func (t text) AppendJSON(dst []byte) []byte { return append(dst, t...) }

// client is a gorilla client to which a server has sent the bytes.
func client(t *testing.T, sent []byte) *websocket.Conn {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = here.Close(); _ = there.Close() })
	go func() {
		room := make([]byte, 4096)
		n, _ := there.Read(room) // the handshake
		key := strings.TrimSpace(strings.SplitN(strings.SplitN(string(room[:n]), "Sec-WebSocket-Key:", 2)[1], "\r\n", 2)[0])
		_, _ = fmt.Fprintf(there, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"+
			"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", acceptKey(key))
		go func() { _, _ = there.Read(room) }() // the answer to a close frame
		_, _ = there.Write(sent)
	}()
	dialer := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}
	c, _, err := dialer.Dial("ws://test/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFailures is the table of errors and what clients see of them.
func TestFailures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string // in the frame; or the close code
	}{
		{&domain.Refusal{Code: domain.NotAParticipant, Field: "conversation_id", Message: "m"},
			`"code":"not_a_participant","message":"m","field":"conversation_id","ref":1,"client_message_id":"c"`},
		{fmt.Errorf("x: %w", eventstore.ErrUnavailable), `"code":"unavailable"`},
		{errors.New("secret detail"), `"code":"internal"`},
		{&domain.Refusal{Code: domain.Conflict, Message: "m"}, `"code":"internal"`},
		{errors.Join(eventstore.ErrUnknown, eventstore.ErrUnavailable), "\x03\xF4"}, // 1012
		{context.Canceled, "\x03\xF4"},
	} {
		got := written(t, func(c *conn) { c.failed(test.err, "1", "c") })
		if !strings.Contains(got, test.want) || strings.Contains(got, "secret") {
			t.Errorf("%v: got %q, want %q", test.err, got, test.want)
		}
	}
}

// TestOwnPushes: the push of what was done here is skipped once, whether it or the answer comes first.
func TestOwnPushes(t *testing.T) {
	t.Parallel()
	id := domain.ID{1}
	for name, test := range map[string]struct {
		act  func(*outbox)
		want bool // the next push of it is skipped
	}{
		"another's":                    {func(*outbox) {}, false},
		"before the answer":            {func(o *outbox) { o.begins(id, 5) }, true},
		"after the answer":             {func(o *outbox) { o.begins(id, 5); o.stored(id, 9) }, true},
		"refused":                      {func(o *outbox) { o.begins(id, 5); o.stored(id, 0) }, false},
		"done twice, one stored":       {func(o *outbox) { o.begins(id, 5); o.begins(id, 5); o.stored(id, 9); o.stored(id, 0) }, true},
		"done again, not pushed yet":   {func(o *outbox) { o.begins(id, 5); o.stored(id, 9); o.begins(id, 5); o.stored(id, 0) }, true},
		"done again, pushed":           {func(o *outbox) { o.begins(id, 5); o.skips(id, 9); o.stored(id, 9); o.begins(id, 5); o.stored(id, 0) }, false},
		"stored before it began":       {func(o *outbox) { o.begins(id, 9) }, false},
		"skipped":                      {func(o *outbox) { o.begins(id, 5); o.skips(id, 9); o.stored(id, 9) }, false},
		"passed by while catching up":  {func(o *outbox) { o.begins(id, 5); o.stored(id, 5) }, false},
		"passed by, answered later on": {func(o *outbox) { o.begins(id, 5); o.release(); o.stored(id, 5) }, false},
	} {
		o := outbox{from: 5, phase: holding}
		test.act(&o)
		o.release()
		if got := o.skips(id, 9); got != test.want {
			t.Errorf("%s: skipped %v, want %v", name, got, test.want)
		}
		if o.own != nil && len(o.own) == 0 {
			t.Errorf("%s: an empty map is kept", name)
		}
	}
}

// TestHeldFramesAreCounted: the frames that a connection gets are counted when it gets them, those that were held back one by one.
func TestHeldFramesAreCounted(t *testing.T) {
	t.Parallel()
	o := outbox{phase: holding, writing: true} // nobody takes what is queued
	for at := range domain.Position(3) {
		o.push(at+1, domain.ID{}, []byte(`{}`))
	}
	o.release()
	o.push(4, domain.ID{}, []byte(`{}`))
	if o.frames != 4 {
		t.Errorf("%d frames are queued, want 4", o.frames)
	}
	o.stepAside()
	o.join(4)
	o.push(5, domain.ID{}, []byte(`{}`))
	o.release()
	if o.frames != 5 {
		t.Errorf("held back once more: %d frames are queued, want 5", o.frames)
	}
}

// written returns what a connection writes.
func written(t *testing.T, act func(*conn)) string {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	s := &Server{config: Config{Logger: slog.New(slog.DiscardHandler)}, now: time.Now}
	c := &conn{server: s, socket: &socket{Conn: there}}
	c.out = outbox{socket: c.socket, counts: &s.counts, ended: make(chan struct{})}
	act(c)
	room := make([]byte, 4096)
	n, err := here.Read(room)
	if err != nil {
		t.Fatal(err)
	}
	c.out.vanish()
	c.out.wait()
	return string(room[:n])
}

// acceptKey answers a handshake's key (RFC 6455 §4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
