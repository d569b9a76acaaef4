package ws

import (
	"time"

	"chainmail/domain"
	"chainmail/transport/frame"
)

// beat is the heartbeat of one sweep, framed once for all connections that are at the same position.
type beat struct {
	at     time.Time
	pushed domain.Position
	frames []byte
}

var ping = appendHeader(nil, pingFrame, 0)

// heartbeat sends a heartbeat and a ping; while the connection catches up the ping alone, since
// it isn't known then up to where it has everything.
func (c *conn) heartbeat(b *beat) {
	at, known := c.out.reached(b.pushed)
	switch {
	case !known:
		c.out.raw(ping)
	case at == b.pushed:
		if b.frames == nil {
			b.frames = append(appendText(nil, &frame.Heartbeat{Timestamp: b.at, Position: at}), ping...)
		}
		c.out.raw(b.frames)
	default:
		c.out.raw(append(appendText(nil, &frame.Heartbeat{Timestamp: b.at, Position: at}), ping...))
	}
}
