package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"chainmail/domain"
)

// messages has what is known of each message until the end: too much for the memory. So it keeps records,
// has them sorted by message and position, and then looks at one message after the other.
type messages struct {
	facts   sorter
	clients sorter // a record for each client_message_id
	buf     []byte // used again
}

// factsInMemory is how many records of each kind are sorted at once: not so many that they leave the
// processor's cache, nor so few that a long log gives more runs than can be read at once.
const factsInMemory = 1 << 15

func newMessages(dir string) *messages {
	return &messages{
		facts:   sorter{dir: dir, width: factSize, limit: factsInMemory},
		clients: sorter{dir: dir, width: keySize, limit: factsInMemory},
	}
}

// note keeps what an event says of a message. A release that lets it pass is given as well, nil for none.
func (m *messages) note(e *domain.Event, data domain.Data, release *domain.MessageReleased) error {
	fact, about := factAbout(e, data)
	if !about {
		return nil
	}
	if err := m.keep(&fact); err != nil {
		return err
	}
	switch d := data.(type) {
	case *domain.MessageSent:
		if release != nil {
			fact = passed(e, release.MessageID, d)
			if err := m.keep(&fact); err != nil {
				return err
			}
		}
		return m.noteClient(e.Position, d.SenderID, d.ClientMessageID)
	case *domain.MessageBlocked:
		return m.noteClient(e.Position, d.SenderID, d.ClientMessageID)
	}
	return nil
}

func (m *messages) keep(f *fact) error {
	record, err := m.facts.next()
	if err == nil {
		f.put(record)
	}
	return err
}

// noteClient keeps a client_message_id, if there is one, as a hash over it and its sender: they are equal when their
// causes are.
func (m *messages) noteClient(at domain.Position, sender domain.ID, client *string) error {
	if client == nil {
		return nil
	}
	record, err := m.clients.next()
	if err != nil {
		return err
	}
	m.buf = append(append(m.buf[:0], sender[:]...), *client...)
	sum := sha256.Sum256(m.buf)
	copy(record, sum[:16])
	binary.BigEndian.PutUint64(record[16:], uint64(at))
	return nil
}

// finish looks at all messages. The state is that after the last event: it still knows who took part when.
func (m *messages) finish(state *domain.State, f *findings) error {
	one := message{state: state, findings: f, receipts: make(map[domain.ID]factKind), copies: make(map[domain.ID]words)}
	err := m.facts.each(func(record []byte) {
		fact := factOf(record)
		if fact.message != one.ref.ID {
			one.finish()
			one.begin(fact.message)
		}
		one.add(&fact)
	})
	if err != nil {
		return err
	}
	one.finish()
	one.compareCopies()
	var last [keySize]byte
	return m.clients.each(func(record []byte) {
		at := domain.Position(binary.BigEndian.Uint64(record[16:]))
		if first := domain.Position(binary.BigEndian.Uint64(last[16:])); first > 0 && string(record[:16]) == string(last[:16]) {
			f.add(at, KindRule, "its client_message_id was used by the same sender at %d", first)
			return
		}
		copy(last[:], record)
	})
}

func (m *messages) close() error { return errors.Join(m.facts.close(), m.clients.close()) }
