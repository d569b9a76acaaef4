package crowd

import (
	"time"

	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

// take takes a frame, for a caller that holds mu.
func (d *device) take(e history.Entry) {
	d.conn.Add(e)
	d.heard = time.Now()
	if d.connEra != d.era { // it is about to end
		return
	}
	switch e.Type {
	case "synced", "heartbeat":
		d.since = max(d.since, e.Position)
		if e.Type == "synced" {
			d.synced = true
			d.rouse()
		}
	case "message_sent", "warning":
		d.answered(e)
	case "error":
		d.failed(e)
	case "presence":
		d.online[e.User] = e.On
	case "typing_indicator":
		if who := (typist{e.Conversation, e.User}); !e.On {
			delete(d.typists, who)
		} else if !e.Conversation.IsZero() && !d.moves {
			d.typists[who] = true
		}
	case "chat_message", "message_status", "message_erased", "conversation", "notification", "notification_read", "announcement":
		d.since = max(d.since, e.Position)
		if e.Type == "chat_message" && e.User != d.account.ID {
			d.receive(e)
		}
	}
}

// receive notes a message of somebody else, and that it is to be acknowledged.
func (d *device) receive(e history.Entry) {
	if _, known := d.known[e.Message]; known {
		return
	}
	d.known[e.Message], d.places[e.Message] = 0, e.Position
	d.received = append(d.received, e.Message)
	d.receipts = append(d.receipts, e.Message)
	if len(d.receipts) == 1 {
		d.rouse()
	}
}

// answered takes a message from the outbox.
func (d *device) answered(e history.Entry) {
	for i, o := range d.outbox {
		if o.id != e.ClientID {
			continue
		}
		d.outbox = append(d.outbox[:i:i], d.outbox[i+1:]...)
		if !o.to.person.IsZero() && !e.Conversation.IsZero() {
			d.direct[o.to.person] = e.Conversation
		}
		if e.Type == "message_sent" {
			d.own = append(d.own, e.Message)
			d.crowd.acked.Add(1)
		}
		d.rouse()
		return
	}
}

// failed has a message sent again, if that can help, or gives it up.
func (d *device) failed(e history.Entry) {
	again := e.Code == "unavailable" || e.Code == "rate_limited"
	if e.ClientID == "" {
		if again && d.crowd.quiet.Load() && e.Ref == `"receipts"` {
			d.receipts = append(d.receipts, d.received[max(0, len(d.received)-maxReads):]...)
		}
		return
	}
	for i, o := range d.outbox {
		switch {
		case o.id != e.ClientID:
		case again:
			d.crowd.refused.Add(1)
			o.sentOn, o.retry = nil, time.Now().Add(200*time.Millisecond)
			d.rouse()
			return
		default:
			d.outbox = append(d.outbox[:i:i], d.outbox[i+1:]...)
			return
		}
	}
}

// takeOwn returns a message of the device that is old enough to be erased, false for none.
func (d *device) takeOwn() (domain.ID, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.own) < 10 {
		return domain.ID{}, false
	}
	id := d.own[0]
	d.own = d.own[1:]
	return id, true
}
