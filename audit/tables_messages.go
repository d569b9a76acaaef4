package audit

import (
	"encoding/hex"
	"time"

	"chainmail/domain"
)

// messageRow is a row of messages.
type messageRow struct {
	data            domain.MessageSent
	blocked         bool       // and not sent
	seq             domain.Seq // 0 for one that was blocked
	position        domain.Position
	created, erased time.Time // erased is zero while the content is there
	recipients      int64
	delivered, read int64 // how many recipients have it, and have read it
}

func (t *Tables) send(e domain.Event, d *domain.MessageSent) {
	c := t.conversations[d.ConversationID]
	if c == nil {
		return
	}
	c.last = e.Position
	t.messages[d.MessageID] = &messageRow{
		data: *d, seq: e.Version, position: e.Position, created: e.RecordedAt, recipients: c.participants - 1,
	}
}

func (t *Tables) erase(e domain.Event, d *domain.ContentErased) {
	m := t.messages[d.MessageID]
	if m == nil || !m.erased.IsZero() {
		return
	}
	m.erased = e.RecordedAt
	m.data.Content, m.data.Salt, m.data.Erased = "", domain.Salt{}, true
}

func (t *Tables) messageTable() Table {
	table := Table{Name: "messages", Columns: []string{
		"id", "conversation_id", "sender_id", "seq", "position", "created_at", "erased_at", "risk_score", "recipients",
		"is_delivered", "is_read", "was_blocked", "salt", "content_hash", "client_message_id", "content",
	}}
	for _, id := range sortedKeys(t.messages) {
		m := t.messages[id]
		var clientID, salt, content any
		if m.data.ClientMessageID != nil {
			clientID = *m.data.ClientMessageID
		}
		if !m.data.Erased {
			salt, content = hex.EncodeToString(m.data.Salt[:]), m.data.Content
		}
		table.Rows = append(table.Rows, []any{
			id, idOrNull(m.data.ConversationID), m.data.SenderID, numberOrNull(m.seq), int64(m.position), m.created, timeOrNull(m.erased),
			m.data.RiskScore, m.recipients, reached(m.delivered, m.recipients), reached(m.read, m.recipients), m.blocked,
			salt, m.data.ContentHash, clientID, content,
		})
	}
	return table
}

// reached reports whether all recipients are among those who have acknowledged; never where there are none.
func reached(acknowledged, recipients int64) bool {
	return recipients > 0 && acknowledged >= recipients
}

// receiptRow is a row of message_receipts.
type receiptRow struct{ delivered, read time.Time } // read is zero for not yet

// acknowledge takes a receipt. A read without a delivered before it implies one.
func (t *Tables) acknowledge(e domain.Event, k pair, read bool) {
	m := t.messages[k[0]]
	if m == nil {
		return
	}
	r := t.receipts[k]
	if r == nil {
		r = &receiptRow{delivered: e.RecordedAt}
		t.receipts[k] = r
		m.delivered++
	}
	if read && r.read.IsZero() {
		r.read = e.RecordedAt
		m.read++
	}
}

func (t *Tables) receiptTable() Table {
	table := Table{Name: "message_receipts", Columns: []string{"message_id", "user_id", "delivered_at", "read_at"}}
	for _, k := range sortedPairs(t.receipts) {
		r := t.receipts[k]
		table.Rows = append(table.Rows, []any{k[0], k[1], r.delivered, timeOrNull(r.read)})
	}
	return table
}
