package seal

import (
	"encoding/binary"
	"time"

	"chainmail/domain"
)

// Tolerance is how far a stamp's time may be from the receiver's, before or after: the way, and what two servers' clocks differ by.
const Tolerance = 30 * time.Second

// maxSenders bounds how many senders a memory has; what more say is not new. Every start of a server is a sender of its own, and is
// remembered for a minute at most after its last word.
const maxSenders = 256

// StampSize is how many bytes a stamp takes.
const StampSize = 16 + 8 + 8

// Stamp says who says something, when, and as the how-manieth.
type Stamp struct {
	From   domain.ID // fresh with each start of a server
	At     int64     // milliseconds since 1970, by the sender's clock
	Number uint64    // grows with all that the sender says through one carrier
}

// Append appends the stamp: the server (16 bytes), the time and the number (8 bytes each, big-endian).
func (s Stamp) Append(dst []byte) []byte {
	dst = append(dst, s.From[:]...)
	dst = binary.BigEndian.AppendUint64(dst, uint64(s.At))
	return binary.BigEndian.AppendUint64(dst, s.Number)
}

// ReadStamp undoes Append. It reads the first StampSize bytes and panics where there are fewer.
func ReadStamp(data []byte) Stamp {
	return Stamp{From: domain.ID(data[:16]), At: int64(binary.BigEndian.Uint64(data[16:])), Number: binary.BigEndian.Uint64(data[24:StampSize])}
}

// Memory knows how far each sender has come, so that nothing is taken twice. The zero value remembers nobody. It is used by one
// goroutine.
type Memory struct {
	senders map[domain.ID]sender
}

// sender is one who has said something.
type sender struct {
	number uint64    // of the last that was taken
	until  time.Time // when everything that was taken is too old to be taken again
}

// News reports whether what has the stamp is to be taken: its time is within Tolerance of now, and it comes after all that
// was taken of its sender.
func (m *Memory) News(s Stamp, now time.Time) bool {
	at := time.UnixMilli(s.At)
	if at.Before(now.Add(-Tolerance)) || at.After(now.Add(Tolerance)) {
		return false
	}
	before, met := m.senders[s.From]
	if met && s.Number <= before.number {
		return false
	}
	if !met && !m.room(now) {
		return false
	}
	until := at.Add(Tolerance)
	if before.until.After(until) { // the sender's clock went back
		until = before.until
	}
	m.senders[s.From] = sender{s.Number, until}
	return true
}

// room forgets those of whom nothing can be taken again, and reports whether there is room for one more.
func (m *Memory) room(now time.Time) bool {
	if m.senders == nil {
		m.senders = make(map[domain.ID]sender)
	}
	for id, s := range m.senders {
		if now.After(s.until) {
			delete(m.senders, id)
		}
	}
	return len(m.senders) < maxSenders
}
