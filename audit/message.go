package audit

import "chainmail/domain"

// message is the one whose facts are looked at, in order of position.
type message struct {
	state    *domain.State
	findings *findings
	ref      domain.MessageRef // without a position until it was sent or blocked
	said     [16]byte          // of one that was blocked
	bare     bool              // its body is gone
	erased   domain.Position   // of the event that erased it; 0 while none did
	receipts map[domain.ID]factKind
	copies   map[domain.ID]words // of all messages so far that were released, or sent by a release
}

// words are those of one message.
type words struct {
	position domain.Position // of the message
	there    bool            // nothing says that they are gone, and they are not
	erased   domain.Position // of the event that erased them; 0 while none did
}

func (m *message) begin(id domain.ID) {
	m.ref, m.bare, m.erased = domain.MessageRef{ID: id}, false, 0
	clear(m.receipts)
}

func (m *message) add(f *fact) {
	switch f.kind {
	case factSent, factSentBare, factBlocked, factBlockedBare:
		m.appear(f)
	case factDelivered, factRead:
		m.receive(f)
	case factErased:
		m.erase(f)
	case factReleased:
		m.release(f)
	case factPassed:
		m.pass(f)
	}
}

// appear is a message's first event.
func (m *message) appear(f *fact) {
	if m.ref.Position > 0 {
		m.findings.add(f.position, KindRule, "a message %s was sent or blocked before, at %d", f.message, m.ref.Position)
		return
	}
	m.ref.ConversationID, m.ref.SenderID, m.ref.Position = f.conversation, f.user, f.position
	m.ref.Blocked = f.kind == factBlocked || f.kind == factBlockedBare
	m.said = f.told
	m.bare = f.kind == factSentBare || f.kind == factBlockedBare
}

func (m *message) receive(f *fact) {
	before, again := m.receipts[f.user]
	switch {
	case m.ref.Position == 0:
		m.findings.add(f.position, KindRule, "a receipt of message %s, which was not sent before", f.message)
	case m.ref.Blocked:
		m.findings.add(f.position, KindRule, "a receipt of message %s, which was blocked and reached nobody", f.message)
	case f.conversation != m.ref.ConversationID || f.told != m.ref.SenderID:
		m.findings.add(f.position, KindRule, "a receipt that does not name the conversation and the sender of message %s", f.message)
	case !m.state.Recipient(m.ref, f.user):
		m.findings.add(f.position, KindRule, "a receipt of message %s by %s, to whom it was not sent", f.message, f.user)
	case again && (f.kind == factDelivered || before == factRead):
		m.findings.add(f.position, KindRule, "a receipt of message %s by %s that comes again", f.message, f.user)
	default:
		m.receipts[f.user] = f.kind
	}
}

func (m *message) erase(f *fact) {
	switch {
	case m.ref.Position == 0:
		m.findings.add(f.position, KindRule, "an erasure of message %s, which was not sent or blocked before", f.message)
	case f.of != m.ref.Position || !m.names(f):
		m.findings.add(f.position, KindRule, "an erasure that names another position or place than those of message %s", f.message)
	case m.erased > 0:
		m.findings.add(f.position, KindRule, "message %s was erased before, at %d", f.message, m.erased)
	default:
		m.erased = f.position
		if !m.state.MayErase(m.ref, f.user) {
			m.findings.add(f.position, KindRule, "%s is neither the sender of message %s nor an admin", f.user, f.message)
		}
	}
}

// names reports whether an erasure names the message as it has to: one that was blocked by its sender, others by
// their conversation. No event has both.
func (m *message) names(f *fact) bool {
	if m.ref.Blocked {
		return f.told == m.ref.SenderID
	}
	return f.conversation == m.ref.ConversationID
}

// release looks at a MessageReleased. That a message is released once is a rule of [domain.State.Lawful].
func (m *message) release(f *fact) {
	switch {
	case !m.ref.Blocked:
		m.findings.add(f.position, KindRule, "a release of message %s, which was not blocked before", f.message)
	case f.of != m.ref.Position || f.told != m.ref.SenderID:
		m.findings.add(f.position, KindRule, "a release that names another position or sender than those of message %s", f.message)
	case !m.ref.ConversationID.IsZero() && f.conversation != m.ref.ConversationID:
		m.findings.add(f.position, KindRule, "a release of message %s into another conversation than it was for", f.message)
	case m.erased > 0:
		m.findings.add(f.position, KindRule, "a release of message %s, which was erased before, at %d", f.message, m.erased)
	}
}

// pass looks at the MessageSent that a release led to.
func (m *message) pass(f *fact) {
	if m.ref.Blocked && f.told != m.said {
		m.findings.add(f.position, KindRule, "it was released, and is not what was blocked at %d: "+
			"content_hash, receiver_id, risk_score or policy_hash differ", m.ref.Position)
	}
}

func (m *message) finish() {
	switch {
	case m.bare && m.erased == 0:
		m.findings.add(m.ref.Position, KindBody, "the body is gone, and no ContentErased says so")
	case m.ref.Position > 0 && !m.bare && m.erased > 0:
		m.findings.add(m.ref.Position, KindBody, "the body is there, although it was erased at %d", m.erased)
	}
	if _, released := m.state.Twin(m.ref.ID); released && m.ref.Position > 0 {
		m.copies[m.ref.ID] = words{m.ref.Position, !m.bare && m.erased == 0, m.erased}
	}
}

// compareCopies finds words that were erased in one place and left in the other: those of a message that was blocked
// and then released are in the log twice.
func (m *message) compareCopies() {
	for id, w := range m.copies {
		twin, _ := m.state.Twin(id)
		if other := m.copies[twin.ID]; w.there && other.erased > 0 {
			m.findings.add(w.position, KindBody, "the body is there, although the message of the same words at %d was erased at %d",
				other.position, other.erased)
		}
	}
}
