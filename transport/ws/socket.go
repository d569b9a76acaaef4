package ws

import (
	"bufio"
	"encoding/binary"
	"net"
	"net/http"
	"time"
)

// socket stands between gorilla and the network. gorilla does the handshake and reads through it. What
// gorilla writes later, to answer a protocol error on its own, is not sent but kept as its verdict: all
// writing goes through the outbox. Read, Write and the verdict belong to one goroutine, the reader's.
type socket struct {
	net.Conn
	open    bool // the handshake is over
	verdict int  // the code that gorilla wanted to close with; 0 for none
	reason  string
	tail    [7]byte // the last bytes that were read
}

// Read reads and remembers the last bytes.
func (s *socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if n >= len(s.tail) {
		copy(s.tail[:], p[n-len(s.tail):n])
	} else {
		copy(s.tail[:], s.tail[n:])
		copy(s.tail[len(s.tail)-n:], p[:n])
	}
	return n, err
}

// Write sends the handshake. After it, it sends nothing.
func (s *socket) Write(p []byte) (int, error) {
	if !s.open {
		return s.Conn.Write(p)
	}
	if len(p) >= 4 && p[0] == closeFrame {
		s.verdict, s.reason = int(binary.BigEndian.Uint16(p[2:])), string(p[4:])
	}
	return len(p), nil
}

// SetWriteDeadline sets that of the handshake. After it, deadlines are the outbox's.
func (s *socket) SetWriteDeadline(t time.Time) error {
	if !s.open {
		return s.Conn.SetWriteDeadline(t)
	}
	return nil
}

// shortClose reports whether the last frame read was a close frame with a body of one byte, which
// is a protocol error (RFC 6455 §5.5.1) that gorilla takes for an empty body. A client's frames are
// masked: two bytes of header, four of mask, one of body.
func (s *socket) shortClose() bool { return s.tail[0] == closeFrame && s.tail[1] == 0x81 }

// hijacker hands gorilla a socket instead of the bare connection.
type hijacker struct {
	http.ResponseWriter
	socket *socket // set by Hijack
}

// Hijack takes the connection over, through whatever wraps the response writer.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if c, ok := conn.(interface{ SetWriteBuffer(int) error }); ok {
		_ = c.SetWriteBuffer(sendBuffer) // without it the kernel's own bound holds
	}
	h.socket = &socket{Conn: conn}
	return h.socket, rw, nil
}
