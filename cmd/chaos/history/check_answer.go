package history

import (
	"slices"

	"chainmail/domain"
)

// attempt is a message that was sent once, and what came of it.
type attempt struct {
	sent   *Entry
	seen   domain.Position // the last position of which the client had heard on this connection
	answer *Entry          // nil for none
	lost   bool            // the answer rests on what the log lost
}

// accepted reports whether the attempt was answered with a result, sent or blocked.
func (a attempt) accepted() bool {
	return a.answer != nil && (a.answer.Type == "message_sent" || a.answer.Type == "warning")
}

// attempts returns what a connection sent, in order, each with its answer.
func attempts(conn *Connection) []attempt {
	var all []attempt
	seen := conn.Since
	open := make(map[string][]int) // without an answer, by client_message_id
	for i := range conn.Entries {
		e := &conn.Entries[i]
		if e.Kind == Received {
			seen = max(seen, e.Position)
		}
		switch {
		case e.Kind == Sent:
			open[e.ClientID] = append(open[e.ClientID], len(all))
			all = append(all, attempt{sent: e, seen: seen})
		case e.Kind == Received && e.Type == lostAnswer:
			if waiting := open[e.ClientID]; len(waiting) > 0 {
				all[waiting[0]].lost = true
				open[e.ClientID] = waiting[1:]
			}
		case e.Kind == Received && e.ClientID != "" && (e.Type == "message_sent" || e.Type == "warning" || e.Type == "error"):
			if waiting := open[e.ClientID]; len(waiting) > 0 {
				all[waiting[0]].answer = e
				open[e.ClientID] = waiting[1:]
			}
		}
	}
	return all
}

// checkAnswers checks what a device was told of its sends.
func (c *checker) checkAnswers(d *Device) {
	byClientID := make(map[string][]attempt)
	var ids []string
	for _, conn := range d.Connections {
		all := attempts(conn)
		c.checkSendOrder(all)
		for _, a := range all {
			id := a.sent.ClientID
			if byClientID[id] == nil {
				ids = append(ids, id)
			}
			byClientID[id] = append(byClientID[id], a)
		}
		for i := range conn.Entries {
			c.checkError(&conn.Entries[i])
		}
	}
	for _, id := range ids {
		c.checkResults(d, id, byClientID[id])
	}
}

// checkResults checks all that came of one client_message_id.
func (c *checker) checkResults(d *Device, id string, all []attempt) {
	stored := c.log.results[command{d.User, id}]
	var first *Entry
	for i, a := range all {
		if !a.accepted() {
			continue
		}
		c.checkResult(a.answer, stored)
		if a.answer.Duplicate && refusedBefore(all, i) {
			c.find(RefusedStored, a.answer.Position, sprint("%q is a duplicate of a message that was refused", id))
		}
		if first != nil && (first.Message != a.answer.Message || !a.answer.Duplicate && !first.Duplicate) {
			c.find(AckTwice, a.answer.Position, sprint("%q as %s and as %s", id, first.Message, a.answer.Message))
		}
		first = a.answer
	}
	last := all[len(all)-1]
	switch {
	case first != nil:
	case len(stored) > 0 && refusedBefore(all, -1):
		c.find(RefusedStored, stored[0].position, sprint("%q was refused each time: %s", id, last.answer.Code))
	case slices.ContainsFunc(all, func(a attempt) bool { return a.lost }):
	case last.answer == nil || last.answer.Code == "unavailable" || last.answer.Code == "rate_limited":
		c.find(Unanswered, 0, sprint("%q, sent %d times, first at %s", id, len(all), all[0].sent.At))
	}
	if last.answer != nil && last.answer.Type == "error" {
		c.checkRefusal(d, last)
	}
}

// refusedBefore reports whether every attempt was refused that was made before one of them was answered: then nothing may have been
// stored until that one. For -1 it looks at all of them.
func refusedBefore(all []attempt, answered int) bool {
	for i, a := range all {
		earlier := answered < 0 || i != answered && a.sent.At <= all[answered].answer.At
		if earlier && (a.answer == nil || a.accepted()) {
			return false
		}
	}
	return true
}

// checkResult holds a result against the log.
func (c *checker) checkResult(answer *Entry, stored []*fact) {
	if len(stored) == 0 {
		c.find(AckLost, answer.Position, sprint("%q as message %s", answer.ClientID, answer.Message))
		return
	}
	f := stored[0]
	differs := f.message != answer.Message || f.position != answer.Position
	if answer.Type == "message_sent" {
		differs = differs || f.kind != "chat_message" || f.seq != answer.Seq || f.conversation != answer.Conversation || f.hash != answer.Hash
	} else {
		differs = differs || f.kind != "warning"
	}
	if differs {
		c.find(AckDiffers, answer.Position, sprint("%q as %s at %d, and the log has %s at %d",
			answer.ClientID, describeEntry(answer), answer.Position, describe(f), f.position))
	}
}

// checkRefusal looks for the cause of a refusal in the log.
func (c *checker) checkRefusal(d *Device, a attempt) {
	caused := false
	switch a.answer.Code {
	case "unavailable", "rate_limited":
		caused = true // tried again, or found as unanswered
	case "not_a_participant":
		caused = !c.log.stays(a.sent.Conversation, d.User, a.seen)
	case "forbidden":
		for pair := range c.log.blocked {
			caused = caused || slices.Contains(pair[:], d.User)
		}
	}
	if !caused {
		c.find(RefusedWrongly, 0, sprint("%q to %s at %s: %s %s", a.sent.ClientID, a.sent.Conversation, a.answer.At, a.answer.Code, a.answer.Field))
	}
}

// checkError finds errors that no client that behaves may see.
func (c *checker) checkError(e *Entry) {
	if e.Kind == Received && e.Type == Unparsed {
		c.find(FrameUnparsed, 0, e.Code)
	}
	if e.Kind != Received || e.Type != "error" {
		return
	}
	switch {
	case e.Code == "invalid_field" && e.Field == "since":
		c.find(SinceRefused, 0, sprint("at %s", e.At))
	case e.ClientID != "" && e.Code != "internal": // with the send
	case e.Code == "unavailable" || e.Code == "rate_limited":
	default:
		c.find(RefusedWrongly, 0, sprint("at %s: %s %s", e.At, e.Code, e.Field))
	}
}

// checkSendOrder checks that what one connection sent to one conversation was stored in that order. Only what was new is
// compared, and what came before something new and was not refused: a repeat was stored at another time.
func (c *checker) checkSendOrder(all []attempt) {
	latest := make(map[domain.ID]*fact) // by conversation, the last one stored of those before
	for _, a := range all {
		stored := c.log.results[command{c.device.User, a.sent.ClientID}]
		refused := a.answer != nil && !a.accepted()
		if len(stored) == 0 || stored[0].kind != "chat_message" || refused {
			continue
		}
		f := stored[0]
		before := latest[f.conversation]
		isNew := a.answer != nil && !a.answer.Duplicate
		if isNew && before != nil && before.position > f.position {
			c.find(SendOrder, f.position, sprint("%q came after %q, which is at %d", f.clientID, before.clientID, before.position))
		}
		if before == nil || f.position > before.position {
			latest[f.conversation] = f
		}
	}
}
