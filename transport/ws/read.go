package ws

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/transport/frame"
)

// errPolicy says that a frame was of a kind that ends the connection. The close frame is queued.
var errPolicy = errors.New("the frame ends the connection")

// read takes frames until the connection ends. Once a close frame is queued it waits for the
// peer's, and passes over everything before it.
func (c *conn) read() error {
	for {
		kind, r, err := c.ws.NextReader()
		if err != nil {
			return err
		}
		c.heardNow()
		if kind != websocket.TextMessage {
			c.out.close(codeUnsupported, "send text frames, not binary ones")
			return errPolicy
		}
		b := newBuffer()
		if err := b.readFrom(r); err != nil {
			b.free()
			return err
		}
		f, bad := frame.Parse(b.b)
		b.free()
		switch {
		case c.out.hasEnded():
		case bad == frame.ErrNotUTF8:
			c.out.close(codeNotUTF8, "the frame is not UTF-8")
			return errPolicy
		default:
			c.server.counts.received(&f, bad)
			c.handle(&f, bad)
		}
	}
}

// readFrom appends all that the reader has.
func (b *buffer) readFrom(r io.Reader) error {
	for {
		if len(b.b) == cap(b.b) {
			b.b = append(b.b, 0)[:len(b.b)]
		}
		n, err := r.Read(b.b[len(b.b):cap(b.b)])
		b.b = b.b[:len(b.b)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (o *outbox) hasEnded() bool {
	select {
	case <-o.ended:
		return true
	default:
		return false
	}
}

// finish ends the connection after reading has ended with the error.
func (c *conn) finish(err error) {
	var closed *websocket.CloseError
	code, reason, peerDone := 0, "", c.out.closes() && !errors.Is(err, errPolicy)
	switch {
	case errors.As(err, &closed) && closed.Code == websocket.CloseAbnormalClosure:
	case errors.As(err, &closed) && closed.Code == codeNoStatus && c.socket.shortClose():
		code, reason = codeProtocolError, "a close frame's body has two bytes or more"
	case errors.As(err, &closed):
		code, peerDone = closed.Code, true // RFC 6455 §5.5.1: the answer echoes the code
	case errors.Is(err, websocket.ErrReadLimit):
		code, reason = codeTooBig, "a frame has at most 65536 bytes"
	case c.socket.verdict != 0:
		code, reason = codeProtocolError, c.socket.reason
		if strings.Contains(reason, "utf8") {
			code = codeNotUTF8
		}
	case errors.Is(err, errPolicy):
	case c.server.isStopping() || c.retired.Load():
		c.awaitAnswers()
		code, reason = codeRestart, restartReason
	}
	if code != 0 {
		c.out.close(code, reason)
	}
	if !c.out.closes() {
		c.out.vanish()
		return
	}
	c.out.wait()
	if !peerDone {
		c.drain()
	}
}

// drain reads what the peer still sends, until it hangs up too, but not for long. With bytes
// unread, closing would reset the connection and the peer might never see why.
func (c *conn) drain() {
	_ = c.socket.Conn.SetReadDeadline(time.Now().Add(lingerFor))
	b := newBuffer()
	defer b.free()
	for {
		if _, err := c.socket.Conn.Read(b.b[:cap(b.b)]); err != nil {
			return
		}
	}
}

func (s *Server) isStopping() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}
