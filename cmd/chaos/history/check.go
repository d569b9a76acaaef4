package history

import (
	"slices"

	"chainmail/domain"
)

// checker is one call of Check.
type checker struct {
	log      *Log
	history  *History
	findings []Finding

	device  *Device                      // whose connections are looked at
	sent    map[string]bool              // client_message_ids that the device sent
	read    map[domain.ID]bool           // messages that the device read
	erased  map[domain.ID]bool           // messages of whose erasure the device knows
	highest map[domain.ID]domain.Seq     // by conversation, what the device has seen in unbroken order
	acks    map[receipt]acknowledged     // receipts that devices sent
	got     map[domain.Position]struct{} // pushes that came on the connection that is looked at
}

// Check returns every contradiction between what clients did and saw and what the log holds.
func Check(l *Log, h *History) []Finding {
	if h.Loss != nil {
		h = h.Loss.excuse(h)
	}
	c := &checker{log: l, history: h, acks: make(map[receipt]acknowledged)}
	c.checkLog()
	for _, d := range h.Devices {
		c.gatherReceipts(d)
	}
	for _, d := range h.Devices {
		c.checkDevice(d)
	}
	c.checkReceipts()
	c.checkGathering(h.Gathering)
	return c.findings
}

// find notes a breach; device and position may be zero.
func (c *checker) find(b Breach, at domain.Position, detail string) {
	f := Finding{Breach: b, Position: at, Detail: detail}
	if c.device != nil {
		f.Device = c.device.Name
	}
	c.findings = append(c.findings, f)
}

func (c *checker) checkDevice(d *Device) {
	c.device = d
	defer func() { c.device = nil }()
	c.sent, c.read = make(map[string]bool), make(map[domain.ID]bool)
	c.erased, c.highest = make(map[domain.ID]bool), make(map[domain.ID]domain.Seq)
	for _, conn := range d.Connections {
		for _, e := range conn.Entries {
			switch e.Kind {
			case Sent:
				c.sent[e.ClientID] = true
			case Read:
				for _, id := range e.Messages {
					c.read[id] = true
				}
			}
		}
	}
	c.checkAnswers(d)
	covered := domain.Position(0)
	for _, conn := range d.Connections {
		covered = c.checkPushes(conn)
		c.checkSeqs(conn)
		c.checkClose(conn)
	}
	if len(d.Connections) == 0 {
		return
	}
	for _, f := range c.log.between(d.User, covered, c.log.Head()) {
		if _, came := c.got[f.position]; !came && c.required(f) {
			c.find(PushNever, f.position, describe(f)+" on the last connection")
		}
	}
}

// required reports whether the device has to be pushed what its user is owed. What it did itself it may be answered instead.
func (c *checker) required(f *fact) bool {
	switch {
	case f.optional:
		return false
	case f.kind == "chat_message" && f.user == c.device.User && c.sent[f.clientID]:
		return false
	case f.kind == "message_status" && f.user == c.device.User && c.read[f.message]:
		return false
	}
	return true
}

// checkClose holds a connection's end against the codes that the protocol has for clients that behave.
func (c *checker) checkClose(conn *Connection) {
	const (
		byClient  = 0
		broken    = 1006
		restart   = 1012
		tooSlowly = 1013 // a busy machine may make it so
	)
	if !slices.Contains([]int{byClient, broken, restart, tooSlowly}, conn.CloseCode) {
		c.find(CloseUnexpected, 0, sprint("connection to %s at %s: %d %s", conn.Server, conn.Closed, conn.CloseCode, conn.Reason))
	}
}

// checkLog holds the log against itself: audit does so with more care, from the table's bytes.
func (c *checker) checkLog() {
	versions := make(map[domain.StreamID]domain.Version)
	for i, e := range c.log.events {
		if e.Position != domain.Position(i+1) {
			c.find(LogGap, e.Position, sprint("event %d of the log", i+1))
		}
		if versions[e.Stream]++; e.Version != versions[e.Stream] {
			c.find(LogGap, e.Position, sprint("version %d of %s, after %d", e.Version, e.Stream, versions[e.Stream]-1))
		}
		if i > 0 && e.RecordedAt.Before(c.log.events[i-1].RecordedAt) {
			c.find(LogBackwards, e.Position, sprint("%s after %s", e.RecordedAt, c.log.events[i-1].RecordedAt))
		}
	}
	for key, results := range c.log.results {
		if len(results) > 1 {
			c.find(LogDoubled, results[1].position, sprint("%q of %s, first at %d", key.id, key.user, results[0].position))
		}
	}
}
