package history

import "chainmail/domain"

// checkSeqs checks that each conversation's frames come with ascending seq on a connection, and without a gap over all
// connections that go on with since.
func (c *checker) checkSeqs(conn *Connection) {
	if !conn.Given {
		clear(c.highest) // what is told now are the messages without a receipt, wherever they stand
	}
	last, syncs, synced := make(map[domain.ID]domain.Seq), make(map[string]bool), conn.Given
	for i := range conn.Entries {
		e := &conn.Entries[i]
		switch {
		case e.Kind == Synced:
			syncs[e.Ref] = true
			clear(last) // everything after its since comes once more
		case e.Kind == Received && e.Type == "synced":
			if !synced {
				clear(c.highest)
			}
			synced = true
			delete(syncs, e.Ref)
		case e.Kind == Received && e.Type == "error":
			delete(syncs, e.Ref)
		case e.Kind != Received || !durable[e.Type] || e.Seq == 0:
		default:
			if len(syncs) == 0 && e.Seq <= last[e.Conversation] {
				c.find(SeqOrder, e.Position, sprint("%s came after seq %d", describeEntry(e), last[e.Conversation]))
			}
			last[e.Conversation] = e.Seq
			if synced {
				c.follow(e)
			}
		}
	}
}

// follow finds what is missing between what a device has seen of a conversation and what comes next.
func (c *checker) follow(e *Entry) {
	before, seen := c.highest[e.Conversation]
	if seen && e.Seq > before+1 {
		for seq := before + 1; seq < e.Seq; seq++ {
			f := c.log.places[place{e.Conversation, seq}]
			if f == nil || c.log.owes(c.device.User, f.position) && c.required(f) {
				c.find(SeqGap, e.Position, sprint("seq %d of %s after %d, without %d", e.Seq, e.Conversation, before, seq))
			}
		}
	}
	c.highest[e.Conversation] = max(before, e.Seq)
}
