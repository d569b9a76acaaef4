package cluster

import (
	"encoding/binary"
	"errors"

	"chainmail/domain"
)

// A word in bytes: the server (16), the kind (1), the audience's kind (1) and id (16, absent for everybody), the body's length
// (uvarint) and the body.

// MaxEncoded is the most that a word takes in bytes.
const MaxEncoded = 16 + 1 + 1 + 16 + 2 + MaxBody

// What an audience is.
const (
	toAll          = 0
	toUser         = 1
	toConversation = 2
)

// ErrGarbage says that bytes are no word.
var ErrGarbage = errors.New("not a word between servers")

// Append appends a word. The body is at most MaxBody bytes, or it panics.
func Append(dst []byte, w Word) []byte {
	if len(w.Body) > MaxBody {
		panic("cluster: a word's body is too long")
	}
	dst = append(dst, w.From[:]...)
	dst = append(dst, byte(w.Kind))
	switch {
	case !w.To.User.IsZero():
		dst = append(append(dst, toUser), w.To.User[:]...)
	case !w.To.Conversation.IsZero():
		dst = append(append(dst, toConversation), w.To.Conversation[:]...)
	default:
		dst = append(dst, toAll)
	}
	dst = binary.AppendUvarint(dst, uint64(len(w.Body)))
	return append(dst, w.Body...)
}

// Parse reads one word and returns what comes after it. It undoes [Append]; the error is ErrGarbage. The body is a part of data.
func Parse(data []byte) (w Word, rest []byte, err error) {
	if len(data) < 18 {
		return Word{}, nil, ErrGarbage
	}
	w.From, w.Kind = domain.ID(data[:16]), Kind(data[16])
	to, data := data[17], data[18:]
	if to != toAll && len(data) < 16 {
		return Word{}, nil, ErrGarbage
	}
	switch to {
	case toAll:
	case toUser:
		w.To.User, data = domain.ID(data[:16]), data[16:]
	case toConversation:
		w.To.Conversation, data = domain.ID(data[:16]), data[16:]
	default:
		return Word{}, nil, ErrGarbage
	}
	size, n := binary.Uvarint(data)
	if n <= 0 || size > MaxBody || size > uint64(len(data)-n) {
		return Word{}, nil, ErrGarbage
	}
	end := n + int(size)
	w.Body = data[n:end:end]
	return w, data[end:], nil
}
