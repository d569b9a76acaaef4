package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"chainmail/domain"
)

// messages has what is known of each message, notification and announcement until the end: too much for the memory. So
// it keeps records, has them sorted by message and position, and then looks at one message after the other.
type messages struct {
	facts    sorter
	clients  sorter // a record for each client_message_id
	requests sorter // a record for each idempotency_key
	buf      []byte // used again
}

// factsInMemory is how many records of each kind are sorted at once: not so many that they leave the
// processor's cache, nor so few that a long log gives more runs than can be read at once.
const factsInMemory = 1 << 15

func newMessages(dir string) *messages {
	return &messages{
		facts:    sorter{dir: dir, width: factSize, limit: factsInMemory},
		clients:  sorter{dir: dir, width: keySize, limit: factsInMemory},
		requests: sorter{dir: dir, width: keySize, limit: factsInMemory},
	}
}

// note keeps what an event says of a message, a notification or an announcement, and by which idempotency_key something
// was made. A release that lets a message pass is given as well, nil for none.
func (m *messages) note(e *domain.Event, data domain.Data, release *domain.MessageReleased) error {
	fact, about := factAbout(e, data)
	if about {
		if err := m.keep(&fact); err != nil {
			return err
		}
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
	case *domain.ConversationStarted: // it has another key, if it is direct
		if d.IdempotencyKey != nil {
			return noteUse(&m.requests, e.Position, domain.RequestKey(d.Type(), d.StarterID, *d.IdempotencyKey))
		}
	case *domain.ProjectCreated, *domain.TaskCreated, *domain.NotificationCreated, *domain.AnnouncementMade:
		keys, _ := domain.KeysOf(data) // for each of these types that of its request, if it has one
		for _, key := range keys {
			if err := noteUse(&m.requests, e.Position, key); err != nil {
				return err
			}
		}
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
	m.buf = append(append(m.buf[:0], sender[:]...), *client...)
	sum := sha256.Sum256(m.buf)
	return noteUse(&m.clients, at, [16]byte(sum[:16]))
}

// noteUse keeps where something is used that may be used once.
func noteUse(s *sorter, at domain.Position, once [16]byte) error {
	record, err := s.next()
	if err != nil {
		return err
	}
	copy(record, once[:])
	binary.BigEndian.PutUint64(record[16:], uint64(at))
	return nil
}

// finish looks at all messages, notifications and announcements. The state is that after the last event: it still knows who took part when.
func (m *messages) finish(state *domain.State, f *findings) error {
	one := message{state: state, findings: f, receipts: make(map[domain.ID]factKind), copies: make(map[domain.ID]words)}
	var told notice
	err := m.facts.each(func(record []byte) {
		fact := factOf(record)
		if fact.kind.ofNotice() {
			told.add(&fact, f)
			return
		}
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
	if err := findRepeats(&m.clients, f, "its client_message_id was used by the same sender at %d"); err != nil {
		return err
	}
	return findRepeats(&m.requests, f, "its idempotency_key was used by the same user for another such thing at %d")
}

// findRepeats finds what was used again. The detail has room for the position of the first use.
func findRepeats(s *sorter, f *findings, detail string) error {
	var last [keySize]byte
	return s.each(func(record []byte) {
		at := domain.Position(binary.BigEndian.Uint64(record[16:]))
		if first := domain.Position(binary.BigEndian.Uint64(last[16:])); first > 0 && string(record[:16]) == string(last[:16]) {
			f.add(at, KindRule, detail, first)
			return
		}
		copy(last[:], record)
	})
}

func (m *messages) close() error {
	return errors.Join(m.facts.close(), m.clients.close(), m.requests.close())
}
