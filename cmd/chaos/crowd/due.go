package crowd

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

// maxReads is how many messages one read frame may name.
const maxReads = 500

// due returns the frames that are to be written now, how long nothing else is, and whether it is time to close the
// connection. What it returns is written down as sent.
func (d *device) due(now time.Time, fresh bool) (frames []string, wait time.Duration, leave bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait = time.Hour
	if now.Sub(d.heard) > silence || d.away || d.connEra != d.era {
		return nil, 0, true
	}
	if d.leaveAt >= 0 {
		if !d.leaving {
			return nil, 0, true // and come back
		}
		if d.synced && d.since >= d.leaveAt {
			d.gone = true
			return nil, 0, true
		}
		return nil, wait, false
	}
	for _, o := range d.outbox { // first what has no answer, in its order
		if o.sentOn == d.conn {
			continue
		}
		if now.Before(o.retry) {
			wait = min(wait, o.retry.Sub(now))
			continue
		}
		frames = append(frames, d.send(o))
	}
	if fresh && !d.crowd.quiet.Load() && len(d.targets) > 0 {
		burst := 1 + d.random.IntN(d.window)
		for range min(burst, d.window-len(d.outbox)) {
			o := d.compose()
			d.outbox = append(d.outbox, o)
			frames = append(frames, d.send(o))
			if d.crowd.config.Fickle && d.random.IntN(20) == 0 {
				frames = append(frames, d.send(o)) // somebody impatient
			}
		}
		if d.crowd.config.Fickle && !d.moves && d.random.IntN(8) == 0 { // nobody refuses that, so that an error would be a finding
			frames = append(frames, d.typing())
		}
		// Now and then a client goes elsewhere without waiting for answers: no server keeps all clients for long.
		leave = d.crowd.config.Fickle && d.random.IntN(30) == 0
		if d.crowd.config.Fickle && d.random.IntN(40) == 0 && d.synced && d.since >= 0 {
			from := max(d.since-domain.Position(d.random.IntN(50)), 0)
			d.count++
			ref := fmt.Sprintf(`"sync-%d"`, d.count)
			d.journalled(history.Entry{Kind: history.Synced, Position: from, Ref: ref})
			frames = append(frames, fmt.Sprintf(`{"type":"sync","since":%d,"ref":%s}`, from, ref))
		}
	}
	return append(frames, d.acknowledge()...), wait, leave
}

// compose makes a new message, for a caller that holds mu.
func (d *device) compose() *outgoing {
	d.count++
	o := &outgoing{id: fmt.Sprintf("%d-%d", d.number, d.count), to: d.targets[d.random.IntN(len(d.targets))]}
	words := strings.Repeat("thanks for the draft, it reads well now. ", 1+d.random.IntN(3))
	o.content = fmt.Sprintf("%s: %s", letters(d.count), words)
	if id, open := d.direct[o.to.person]; open && d.random.IntN(2) == 0 {
		o.byID = id
	}
	return o
}

// typing says that the user types, or no longer does.
func (d *device) typing() string {
	to, is := d.targets[d.random.IntN(len(d.targets))], d.random.IntN(4) > 0
	if to.group.IsZero() {
		return fmt.Sprintf(`{"type":"typing","receiver_id":"%s","is_typing":%t}`, to.person, is)
	}
	return fmt.Sprintf(`{"type":"typing","conversation_id":"%s","is_typing":%t}`, to.group, is)
}

// letters spells a number, so that no content looks like a number of anything.
func letters(n int) string {
	text := ""
	for ; n > 0; n /= 26 {
		text = string(rune('a'+n%26)) + text
	}
	return text
}

// send writes down that a message leaves on this connection, and returns its frame.
func (d *device) send(o *outgoing) string {
	o.sentOn = d.conn
	f := map[string]any{"type": "chat_message", "client_message_id": o.id, "content": o.content}
	e := history.Entry{Kind: history.Sent, ClientID: o.id, Conversation: o.to.group, User: o.to.person}
	switch {
	case !o.to.group.IsZero():
		f["conversation_id"] = o.to.group
	case !o.byID.IsZero():
		f["conversation_id"], e.Conversation = o.byID, o.byID
	default:
		f["receiver_id"] = o.to.person
	}
	d.journalled(e)
	raw, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings and ids
	}
	return string(raw)
}

// acknowledge returns the frames of receipts: some messages are delivered first, some read at once.
func (d *device) acknowledge() (frames []string) {
	var read []domain.ID
	for _, id := range d.receipts {
		if !d.crowd.quiet.Load() {
			switch d.random.IntN(4) {
			case 0: // not acknowledged until the end
				continue
			case 1:
				d.journalled(history.Entry{Kind: history.Delivered, Messages: []domain.ID{id}})
				frames = append(frames, fmt.Sprintf(`{"type":"delivered","message_id":"%s"}`, id))
				continue
			}
		}
		d.known[id] = 1
		read = append(read, id)
	}
	d.receipts = d.receipts[:0]
	for ; len(read) > 0; read = read[min(len(read), maxReads):] {
		some := read[:min(len(read), maxReads):min(len(read), maxReads)]
		d.journalled(history.Entry{Kind: history.Read, Messages: some})
		raw, err := json.Marshal(map[string]any{"type": "read", "message_ids": some, "ref": "receipts"})
		if err != nil {
			panic(err) // ids
		}
		frames = append(frames, string(raw))
	}
	return frames
}
