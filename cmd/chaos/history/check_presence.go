package history

import (
	"slices"
	"time"

	"chainmail/domain"
)

// Gathering is a moment at which nothing had been broken for a while, and nobody came, went or typed any more.
type Gathering struct {
	At time.Duration
	// Here says of each user with devices whether they were connected.
	Here map[domain.ID]bool
}

// largestCompany is how many a conversation has at most whose participants are told of one another.
const largestCompany = 50

// Peers lists who is told of a user's coming and going, and he of theirs, as of the log's end: those with whom he shares a conversation.
// Left out are people who ever blocked one another: nobody hears of an end of that.
func (l *Log) Peers(user domain.ID) (peers []domain.ID) {
	for _, present := range l.present {
		if len(present) > largestCompany || !slices.Contains(present, user) {
			continue
		}
		for _, other := range present {
			blocked := l.blocked[[2]domain.ID{user, other}] || l.blocked[[2]domain.ID{other, user}]
			if other != user && !blocked && !slices.Contains(peers, other) {
				peers = append(peers, other)
			}
		}
	}
	return peers
}

// checkGathering checks that each connection of that moment was told of its peers what was true, and that nobody typed.
func (c *checker) checkGathering(g *Gathering) {
	if g == nil {
		return
	}
	for _, d := range c.history.Devices {
		for _, conn := range d.Connections {
			if conn.Opened > g.At || conn.Closed != 0 && conn.Closed < g.At {
				continue
			}
			c.device = d
			c.checkRoll(conn, g)
		}
	}
	c.device = nil
}

// checkRoll checks one connection of the gathering.
func (c *checker) checkRoll(conn *Connection, g *Gathering) {
	online, typing := make(map[domain.ID]bool), make(map[membership]time.Duration)
	for i := range conn.Entries {
		switch e := &conn.Entries[i]; {
		case e.Kind != Received || e.At > g.At:
		case e.Type == "presence":
			online[e.User] = e.On
		case e.Type == "typing_indicator" && e.On:
			typing[membership{e.Conversation, e.User}] = e.At
		case e.Type == "typing_indicator":
			delete(typing, membership{e.Conversation, e.User})
		}
	}
	for _, peer := range c.log.Peers(c.device.User) {
		here, known := g.Here[peer]
		if known && online[peer] != here {
			c.find(PresenceUntrue, 0, sprint("%s is told that %s is online: %t", conn.Server, peer, online[peer]))
		}
	}
	for m, at := range typing {
		all := c.log.spans[membership{m.conversation, c.device.User}]
		if !m.conversation.IsZero() && len(all) == 1 && all[0].to == 0 { // who was away for a while may have missed the end
			c.find(TypingForEver, 0, sprint("%s in %s since %s", m.user, m.conversation, at))
		}
	}
}
