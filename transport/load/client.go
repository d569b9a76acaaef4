package load

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// client is one socket of one account. Its fleet's goroutine reads it; anybody may send.
type client struct {
	account Account
	ws      *websocket.Conn
	conn    *conn

	mu  sync.Mutex // held while a frame is written: gorilla takes one writer at a time
	out []byte     // the frame under way, guarded by mu
}

// handler takes a frame, which it may use until it returns. It runs in the client's reader.
type handler func(kind string, frame []byte) error

// send writes the frame that build appends. It leaves with the reader's next wait, or a Flush.
func (c *client) send(build func(dst []byte) []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = build(c.out[:0])
	return c.ws.WriteMessage(websocket.TextMessage, c.out)
}

// read hands every frame to handle until the connection or handle fails.
func (c *client) read(handle handler) error {
	buffer := make([]byte, 0, 512)
	for {
		_, r, err := c.ws.NextReader()
		if err != nil {
			return closed(err)
		}
		if buffer, err = readAll(buffer[:0], r); err != nil {
			return closed(err)
		}
		kind := frameType(buffer)
		if kind == "error" || kind == "warning" {
			return refusal(buffer)
		}
		if err := handle(kind, buffer); err != nil {
			return err
		}
	}
}

// readAll appends everything that r holds to dst.
func readAll(dst []byte, r io.Reader) ([]byte, error) {
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// closed says in words that the server ended the connection, and why.
func closed(err error) error {
	var c *websocket.CloseError
	if !errors.As(err, &c) || c.Code == websocket.CloseAbnormalClosure {
		return fmt.Errorf("the connection broke: %w", err)
	}
	return fmt.Errorf("the server closed the connection: %d %s", c.Code, c.Text)
}

// close says goodbye and ends the connection.
func (c *client) close() {
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	// The connection ends either way.
	_ = c.conn.Conn.SetWriteDeadline(time.Now().Add(time.Second))
	_ = c.ws.WriteControl(websocket.CloseMessage, goodbye, time.Time{})
	_ = c.conn.Flush()
	_ = c.ws.Close()
}
