package state

import (
	"context"
	_ "embed"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

// messages are those that a batch sends, and what they and the coming and going of participants
// change in conversations.
type messages struct {
	sent    []message
	changes map[domain.ID]*change
	order   []domain.ID // the keys of changes, as they came
}

type message struct {
	event  domain.Event
	data   *domain.MessageSent
	joined int32 // how many had joined since the batch began, less those who left
}

// change is what a batch changes in one conversation.
type change struct {
	joined   int32 // how many joined, less those who left; the first participants don't count
	last     domain.Position
	seq      domain.Seq // of the last message, 0 for none
	senderID domain.ID  // of the last message
	otherSeq domain.Seq // of the last message by somebody else, 0 for none
}

func (m *messages) change(conversation domain.ID) *change {
	c := m.changes[conversation]
	if c == nil {
		c = new(change)
		m.changes[conversation] = c
		m.order = append(m.order, conversation)
	}
	return c
}

func (m *messages) send(e domain.Event, d *domain.MessageSent) {
	c := m.change(d.ConversationID)
	if c.seq > 0 && c.senderID != d.SenderID {
		c.otherSeq = c.seq
	}
	c.last, c.seq, c.senderID = e.Position, e.Version, d.SenderID
	m.sent = append(m.sent, message{e, d, c.joined})
}

//go:embed messages.sql
var sendSQL string

func (m *messages) write(ctx context.Context, tx transaction) error {
	if len(m.order) == 0 {
		return nil
	}
	args := append(m.changeColumns(), m.messageColumns()...)
	var changed, sent int64
	if err := tx.QueryRowContext(ctx, sendSQL, args...).Scan(&changed, &sent); err != nil {
		return fmt.Errorf("insert messages: %w", err)
	}
	if err := projections.All("conversations", changed, len(m.order)); err != nil {
		return err
	}
	return projections.All("messages", sent, len(m.sent))
}

func (m *messages) changeColumns() []any {
	ids, joined, last := pgarray.NewUUIDs(), pgarray.NewInt4s(), pgarray.NewInt8s()
	seqs, senders, others := pgarray.NewInt8s(), pgarray.NewUUIDs(), pgarray.NewInt8s()
	for _, id := range m.order {
		c := m.changes[id]
		ids.UUID(id)
		joined.Int4(c.joined)
		last.Int8(int64(c.last))
		seqs.Int8(int64(c.seq))
		others.Int8(int64(c.otherSeq))
		if c.seq == 0 {
			senders.Null()
			continue
		}
		senders.UUID(c.senderID)
	}
	return []any{ids.Bytes(), joined.Bytes(), last.Bytes(), seqs.Bytes(), senders.Bytes(), others.Bytes()}
}

func (m *messages) messageColumns() []any {
	ids, conversations, senders := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewUUIDs()
	seqs, positions, times := pgarray.NewInt8s(), pgarray.NewInt8s(), pgarray.NewTimes()
	scores, later := pgarray.NewFloat8s(), pgarray.NewInt4s()
	salts, hashes := pgarray.NewByteas(), pgarray.NewTexts()
	clientIDs, contents := pgarray.NewTexts(), pgarray.NewTexts()
	for _, s := range m.sent {
		d := s.data
		ids.UUID(d.MessageID)
		conversations.UUID(d.ConversationID)
		senders.UUID(d.SenderID)
		seqs.Int8(int64(s.event.Version))
		positions.Int8(int64(s.event.Position))
		times.Time(s.event.RecordedAt)
		scores.Float8(d.RiskScore)
		later.Int4(m.changes[d.ConversationID].joined - s.joined)
		hashes.Text(d.ContentHash)
		optionalText(clientIDs, d.ClientMessageID)
		addWords(salts, contents, d.Erased, d.Salt, d.Content)
	}
	return []any{
		ids.Bytes(), conversations.Bytes(), senders.Bytes(), seqs.Bytes(), positions.Bytes(), times.Bytes(),
		scores.Bytes(), later.Bytes(), salts.Bytes(), hashes.Bytes(), clientIDs.Bytes(), contents.Bytes(),
	}
}
