package history

import (
	"time"

	"chainmail/domain"
)

// Loss is what a failover to a standby that lacked the log's end has taken, and operators have accepted.
type Loss struct {
	// Kept is the last position that is still there.
	Kept domain.Position
	// From is before the first event was lost, To when clients were told: a connection from before may know lost positions.
	From, To time.Duration
}

// lostAnswer is the type of an answer that rests on what was lost.
const lostAnswer = "lost"

// excuse returns a history without what rests on lost events. All else stays comparable: what came from a lost position still
// claims that all that was kept had come before.
func (l *Loss) excuse(h *History) *History {
	rest := *h
	rest.Devices = nil
	for _, d := range h.Devices {
		copied := *d
		copied.Connections = nil
		for _, conn := range d.Connections {
			if conn.Opened <= l.To {
				conn = l.rewrite(conn)
			}
			copied.Connections = append(copied.Connections, conn)
		}
		rest.Devices = append(rest.Devices, &copied)
	}
	return &rest
}

// rewrite excuses one connection.
func (l *Loss) rewrite(conn *Connection) *Connection {
	c := *conn
	c.Entries = nil
	blind := conn.Given && conn.Since > l.Kept // there is nothing after its since, or something else
	if blind {
		c.Given, c.Since = false, 0
	}
	for _, e := range conn.Entries {
		answer := e.ClientID != "" && (e.Type == "message_sent" || e.Type == "warning" || e.Type == "error")
		switch {
		case e.Kind != Received:
		case e.Type == "error" && (e.At < l.From || e.Code == "unavailable" || e.Code == "rate_limited"):
		case answer && (e.Type == "error" || e.Position > l.Kept):
			e.Type = lostAnswer
		case answer:
		case e.Type == "error", blind && (durable[e.Type] || e.Type == "synced" || e.Type == "heartbeat"):
			continue
		case e.Position > l.Kept && e.Type == "synced":
			e.Position = l.Kept
		case e.Position > l.Kept:
			e = Entry{Kind: Received, At: e.At, Type: "heartbeat", Position: l.Kept}
		case e.Type == "chat_message" && e.Words == NoWords && e.At >= l.From:
			e.Words = lostWords
		}
		c.Entries = append(c.Entries, e)
	}
	return &c
}
