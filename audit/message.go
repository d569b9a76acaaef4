package audit

import "chainmail/domain"

// message is the one whose facts are looked at, in order of position.
type message struct {
	state    *domain.State
	findings *findings
	ref      domain.MessageRef // without a position until it was sent
	bare     bool              // its body is gone
	erased   domain.Position   // of the event that erased it; 0 while none did
	receipts map[domain.ID]factKind
}

func (m *message) begin(id domain.ID) {
	m.ref, m.bare, m.erased = domain.MessageRef{ID: id}, false, 0
	clear(m.receipts)
}

func (m *message) add(f *fact) {
	switch f.kind {
	case factSent, factSentBare:
		m.send(f)
	case factDelivered, factRead:
		m.receive(f)
	case factErased:
		m.erase(f)
	}
}

func (m *message) send(f *fact) {
	if m.ref.Position > 0 {
		m.findings.add(f.position, KindRule, "a message %s was sent before, at %d", f.message, m.ref.Position)
		return
	}
	m.ref.ConversationID, m.ref.SenderID, m.ref.Position = f.conversation, f.user, f.position
	m.bare = f.kind == factSentBare
}

func (m *message) receive(f *fact) {
	before, again := m.receipts[f.user]
	switch {
	case m.ref.Position == 0:
		m.findings.add(f.position, KindRule, "a receipt of message %s, which was not sent before", f.message)
	case f.conversation != m.ref.ConversationID || f.sender != m.ref.SenderID:
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
		m.findings.add(f.position, KindRule, "an erasure of message %s, which was not sent before", f.message)
	case f.erased != m.ref.Position || f.conversation != m.ref.ConversationID:
		m.findings.add(f.position, KindRule, "an erasure that names another position or conversation than those of message %s", f.message)
	case m.erased > 0:
		m.findings.add(f.position, KindRule, "message %s was erased before, at %d", f.message, m.erased)
	default:
		m.erased = f.position
		if !m.state.MayErase(m.ref, f.user) {
			m.findings.add(f.position, KindRule, "%s is neither the sender of message %s nor an admin", f.user, f.message)
		}
	}
}

func (m *message) finish() {
	switch {
	case m.bare && m.erased == 0:
		m.findings.add(m.ref.Position, KindBody, "the body is gone, and no ContentErased says so")
	case m.ref.Position > 0 && !m.bare && m.erased > 0:
		m.findings.add(m.ref.Position, KindBody, "the body is there, although it was erased at %d", m.erased)
	}
}
