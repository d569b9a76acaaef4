package history

import (
	"slices"
	"time"

	"chainmail/domain"
)

// pushes is one connection's pushes under check.
type pushes struct {
	*checker
	conn    *Connection
	last    domain.Position // of the last push
	covered domain.Position // everything owed up to here has come, or was not owed on this connection
	known   bool            // whether covered is: it is not before the first synced of a connection without since
	syncs   []*replayed     // the syncs without an answer
}

// replayed is what came since a sync was asked for.
type replayed struct {
	ref   string
	since domain.Position
	back  bool // the one step back that it may cause has come
	got   map[domain.Position]struct{}
}

// durable are the frames that stand for an event; the others have no place in the order of pushes.
var durable = map[string]bool{
	"chat_message": true, "message_status": true, "message_erased": true, "conversation": true,
	"notification": true, "notification_read": true, "announcement": true,
}

// checkPushes goes through a connection's frames and returns the position through which everything has come.
func (c *checker) checkPushes(conn *Connection) domain.Position {
	c.got = make(map[domain.Position]struct{})
	p := &pushes{checker: c, conn: conn, covered: conn.Since, known: conn.Given}
	for i := range conn.Entries {
		e := &conn.Entries[i]
		switch {
		case e.Kind == Synced:
			p.syncs = append(p.syncs, &replayed{ref: e.Ref, since: e.Position, got: make(map[domain.Position]struct{})})
		case e.Kind != Received:
		case e.Type == "synced":
			p.synced(e)
		case e.Type == "error":
			p.answered(e.Ref) // a sync that was refused
		case e.Type == "heartbeat":
			p.claim(e.Position, "heartbeat")
		case durable[e.Type]:
			p.push(e)
		}
	}
	return p.covered
}

// push takes one push.
func (p *pushes) push(e *Entry) {
	p.compare(e)
	switch {
	case p.conn.Given && e.Position <= p.conn.Since && !slices.ContainsFunc(p.syncs, func(r *replayed) bool { return e.Position > r.since }):
		p.find(PushBeforeSince, e.Position, sprint("%s, since was %d", describeEntry(e), p.conn.Since))
	case e.Position > p.last, p.stepsBack(e.Position), e.Position == p.last && e.Counts:
	case e.Position == p.last:
		p.find(PushTwice, e.Position, describeEntry(e))
	default:
		p.find(PushOrder, e.Position, sprint("%s came after position %d", describeEntry(e), p.last))
	}
	p.last = e.Position
	if !e.Counts {
		p.got[e.Position] = struct{}{}
		for _, r := range p.syncs {
			r.got[e.Position] = struct{}{}
		}
	}
	p.through(e.Position-1, describeEntry(e))
}

// stepsBack reports whether a sync explains that a position comes after a later one, once.
func (p *pushes) stepsBack(to domain.Position) bool {
	for _, r := range p.syncs {
		if !r.back && to > r.since {
			r.back = true
			return true
		}
	}
	return false
}

// answered returns the sync that has this ref, and forgets it; nil for none.
func (p *pushes) answered(ref string) *replayed {
	i := slices.IndexFunc(p.syncs, func(r *replayed) bool { return r.ref == ref })
	if i < 0 {
		return nil
	}
	r := p.syncs[i]
	p.syncs = slices.Delete(p.syncs, i, i+1)
	return r
}

// synced takes the end of a catch-up: the first one, or that of a sync.
func (p *pushes) synced(e *Entry) {
	if r := p.answered(e.Ref); r != nil {
		for _, f := range p.log.between(p.device.User, r.since, e.Position) {
			if _, came := r.got[f.position]; !came && p.required(f) {
				p.find(PushMissed, f.position, sprint("%s, in a sync since %d that ended with %d", describe(f), r.since, e.Position))
			}
		}
	}
	if !p.known {
		p.undelivered(e)
		p.known, p.covered = true, e.Position
		return
	}
	p.claim(e.Position, "synced")
}

// claim takes a position of which the server says that everything up to it was sent.
func (p *pushes) claim(at domain.Position, what string) {
	p.through(at, what)
}

// through finds what was passed over by something that stands behind it.
func (p *pushes) through(at domain.Position, what string) {
	if !p.known || at <= p.covered {
		return
	}
	for _, f := range p.log.between(p.device.User, p.covered, at) {
		if _, came := p.got[f.position]; !came && p.required(f) {
			p.find(PushMissed, f.position, sprint("%s, passed over by %s at %d", describe(f), what, at))
		}
	}
	p.covered = at
}

// stale is how far behind the log a server may be when it tells a connection without since what nobody has acknowledged: it may have
// been cut off from its database.
const stale = 30 * time.Second

// undelivered checks what a connection without since gets: the messages to this user for which there is no receipt.
func (p *pushes) undelivered(synced *Entry) {
	for _, f := range p.log.between(p.device.User, 0, synced.Position) {
		if f.kind != "chat_message" || f.user == p.device.User || p.history.Unrecorded[p.device.User] {
			continue
		}
		_, came := p.got[f.position]
		first, last, acknowledged := p.acknowledgements(f.message)
		switch {
		case came && acknowledged && last+stale < p.conn.Opened && p.stored(f.message):
			p.find(PushAcknowledged, f.position, describe(f))
		case !came && !(acknowledged && first <= synced.At):
			p.find(PushMissed, f.position, describe(f)+", which nobody acknowledged, on a connection without since")
		}
	}
}

// acknowledgements tells when devices of the user sent receipts for a message, if any did.
func (p *pushes) acknowledgements(message domain.ID) (first, last time.Duration, known bool) {
	for _, status := range []string{"delivered", "read"} {
		a, sent := p.acks[receipt{message, p.device.User, status}]
		if !sent {
			continue
		}
		if !known || a.first < first {
			first = a.first
		}
		last, known = max(last, a.last), true
	}
	return first, last, known
}

// stored reports whether a receipt of the user for a message is in the log.
func (p *pushes) stored(message domain.ID) bool {
	_, delivered := p.log.receipts[receipt{message, p.device.User, "delivered"}]
	_, read := p.log.receipts[receipt{message, p.device.User, "read"}]
	return delivered || read
}

// compare holds a push against the log.
func (p *pushes) compare(e *Entry) {
	f := p.log.facts[e.Position]
	switch {
	case e.Counts: // it stands for many receipts, at a position of its own
		if m := p.log.messages[e.Message]; m == nil || m.user != p.device.User {
			p.find(PushForeign, e.Position, describeEntry(e))
		}
		return
	case f == nil || f.kind != e.Type || f.message != e.Message:
		p.find(PushInvented, e.Position, describeEntry(e))
		return
	case f.conversation != e.Conversation || f.seq != e.Seq || f.status != e.Status,
		f.kind != "message_erased" && !e.User.IsZero() && f.user != e.User, f.hash != e.Hash, e.ClientID != "" && e.ClientID != f.clientID,
		e.Words == FalsedWords:
		p.find(PushDiffers, e.Position, sprint("%s, and the log has %s", describeEntry(e), describe(f)))
	}
	if !p.log.owes(p.device.User, e.Position) {
		p.find(PushForeign, e.Position, describeEntry(e))
	}
	p.compareWords(e)
}

// compareWords checks that words go when they are erased, and only then.
func (p *pushes) compareWords(e *Entry) {
	switch e.Type {
	case "message_erased":
		p.erased[e.Message] = true
	case "chat_message":
		_, gone := p.log.erased[e.Message]
		if e.Words == NoWords && !gone {
			p.find(PushDiffers, e.Position, describeEntry(e)+" came without words, which nobody erased")
		}
		if e.Words != NoWords && e.Words != lostWords && p.erased[e.Message] {
			p.find(PushErased, e.Position, describeEntry(e))
		}
	}
}
