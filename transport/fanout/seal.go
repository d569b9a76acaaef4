package fanout

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"io"
)

// macSize is how many bytes of the HMAC-SHA256 travel (RFC 2104 §5: no less than half).
const macSize = 16

// seals signs what is published, and checks what comes. It is used by one goroutine.
type seals struct {
	mac hash.Hash
	sum []byte // scratch
}

func newSeals(key []byte) *seals { return &seals{mac: hmac.New(sha256.New, key)} }

// sign appends the signature of a message on a channel.
func (s *seals) sign(name string, message []byte) []byte {
	return append(message, s.compute(name, message)...)
}

// open returns the message that sign was given; false if anything is not as it was.
func (s *seals) open(name string, signed []byte) ([]byte, bool) {
	if len(signed) < macSize {
		return nil, false
	}
	message := signed[:len(signed)-macSize]
	return message, hmac.Equal(signed[len(message):], s.compute(name, message))
}

// compute is good until the next call. The zero byte ends the name: no name has one.
func (s *seals) compute(name string, message []byte) []byte {
	s.mac.Reset()
	_, _ = io.WriteString(s.mac, name) // a hash never fails
	_, _ = s.mac.Write([]byte{0})
	_, _ = s.mac.Write(message)
	s.sum = s.mac.Sum(s.sum[:0])
	return s.sum[:macSize]
}
