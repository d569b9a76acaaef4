package history

import (
	"time"

	"chainmail/domain"
)

// acknowledged is when a receipt was sent.
type acknowledged struct {
	first, last time.Duration
	device      *Device
}

// gatherReceipts notes what a device acknowledged.
func (c *checker) gatherReceipts(d *Device) {
	for _, conn := range d.Connections {
		for _, e := range conn.Entries {
			status := "delivered"
			switch e.Kind {
			case Delivered:
			case Read:
				status = "read"
			default:
				continue
			}
			for _, message := range e.Messages {
				c.noteReceipt(receipt{message, d.User, status}, acknowledged{e.At, e.At, d})
			}
		}
	}
}

func (c *checker) noteReceipt(r receipt, a acknowledged) {
	if before, known := c.acks[r]; known {
		a.first = min(a.first, before.first)
		if before.last > a.last {
			a.last, a.device = before.last, before.device
		}
	}
	c.acks[r] = a
}

// checkReceipts compares the receipts in the log with those that were sent. That the senders were told is checked with their pushes.
func (c *checker) checkReceipts() {
	for r, at := range c.log.receipts {
		if _, sent := c.acks[r]; !sent && !c.history.Unrecorded[r.user] {
			c.find(ReceiptInvented, at, sprint("%s of %s by %s", r.status, r.message, r.user))
		}
	}
	for r, a := range c.acks {
		if a.last < c.history.Settled {
			continue
		}
		_, stored := c.log.receipts[r]
		if !stored && r.status == "delivered" { // no event after a read
			_, stored = c.log.receipts[receipt{r.message, r.user, "read"}]
		}
		if !stored && c.entitled(r.message, r.user) {
			c.device = a.device
			c.find(ReceiptLost, 0, sprint("%s of %s at %s", r.status, r.message, a.last))
			c.device = nil
		}
	}
}

// entitled reports whether somebody is a recipient of a message.
func (c *checker) entitled(message, user domain.ID) bool {
	f := c.log.messages[message]
	return f != nil && f.user != user && c.log.owes(user, f.position)
}
