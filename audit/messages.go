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

// factKind is what a fact says of its message.
type factKind byte

const (
	factSent     factKind = iota
	factSentBare          // sent, and its body is gone
	factDelivered
	factRead
	factErased
)

// fact is one event about a message.
type fact struct {
	message      domain.ID
	position     domain.Position
	kind         factKind
	user         domain.ID // who sent, received, read or erased it
	conversation domain.ID
	sender       domain.ID       // of the message, as a receipt says
	erased       domain.Position // of the message, as an erasure says
}

const factSize = keySize + 1 + 3*16 + 8

func (f *fact) put(record []byte) {
	copy(record, f.message[:])
	binary.BigEndian.PutUint64(record[16:], uint64(f.position))
	record[24] = byte(f.kind)
	copy(record[25:], f.user[:])
	copy(record[41:], f.conversation[:])
	copy(record[57:], f.sender[:])
	binary.BigEndian.PutUint64(record[73:], uint64(f.erased))
}

func factOf(record []byte) fact {
	return fact{
		message:      domain.ID(record[:16]),
		position:     domain.Position(binary.BigEndian.Uint64(record[16:])),
		kind:         factKind(record[24]),
		user:         domain.ID(record[25:41]),
		conversation: domain.ID(record[41:57]),
		sender:       domain.ID(record[57:73]),
		erased:       domain.Position(binary.BigEndian.Uint64(record[73:])),
	}
}

// note keeps what an event says of a message.
func (m *messages) note(e *domain.Event, data domain.Data) error {
	fact := fact{position: e.Position}
	switch d := data.(type) {
	case *domain.MessageSent:
		fact.message, fact.user, fact.conversation, fact.sender = d.MessageID, d.SenderID, d.ConversationID, d.SenderID
		if e.Body == nil {
			fact.kind = factSentBare
		}
		if d.ClientMessageID != nil {
			if err := m.noteClient(e.Position, d.SenderID, *d.ClientMessageID); err != nil {
				return err
			}
		}
	case *domain.MessageDelivered:
		fact.kind = factDelivered
		fact.message, fact.user, fact.conversation, fact.sender = d.MessageID, d.UserID, d.ConversationID, d.SenderID
	case *domain.MessageRead:
		fact.kind = factRead
		fact.message, fact.user, fact.conversation, fact.sender = d.MessageID, d.UserID, d.ConversationID, d.SenderID
	case *domain.ContentErased:
		fact.kind, fact.erased = factErased, d.ErasedPosition
		fact.message, fact.user = d.MessageID, d.ErasedBy
		if d.ConversationID != nil {
			fact.conversation = *d.ConversationID
		}
	default:
		return nil
	}
	record, err := m.facts.next()
	if err == nil {
		fact.put(record)
	}
	return err
}

// noteClient keeps a client_message_id as a hash over it and its sender: they are equal when their causes are.
func (m *messages) noteClient(at domain.Position, sender domain.ID, client string) error {
	record, err := m.clients.next()
	if err != nil {
		return err
	}
	m.buf = append(append(m.buf[:0], sender[:]...), client...)
	sum := sha256.Sum256(m.buf)
	copy(record, sum[:16])
	binary.BigEndian.PutUint64(record[16:], uint64(at))
	return nil
}

// finish looks at all messages. The state is that after the last event: it still knows who took part when.
func (m *messages) finish(state *domain.State, f *findings) error {
	one := message{state: state, findings: f, receipts: make(map[domain.ID]factKind)}
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
