// Package seal signs what servers tell one another where others can speak too: any role that may connect to the database can
// NOTIFY, and whoever reaches Redis can publish. It also tells what is new from what was said before.
package seal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"hash"
	"io"
)

// Size is how many bytes of the HMAC-SHA256 travel (RFC 2104 §5: no less than half).
const Size = 16

const readKeySQL = `
	SELECT key
	FROM fanout_key`

// ReadKey reads the key that all servers of a database share.
func ReadKey(ctx context.Context, db *sql.DB) ([]byte, error) {
	var key []byte
	if err := db.QueryRowContext(ctx, readKeySQL).Scan(&key); err != nil {
		return nil, fmt.Errorf("read fanout_key: %w", err)
	}
	return key, nil
}

// Seals signs what is said, and checks what comes. It is used by one goroutine.
type Seals struct {
	mac hash.Hash
	sum []byte // scratch
}

// New returns the seals of a key.
func New(key []byte) *Seals { return &Seals{mac: hmac.New(sha256.New, key)} }

// Sign appends the signature of a message on a channel, of Size bytes. The channel's name has no zero byte.
func (s *Seals) Sign(name string, message []byte) []byte {
	return append(message, s.compute(name, message)...)
}

// Open returns the message that Sign was given; false if anything is not as it was.
func (s *Seals) Open(name string, signed []byte) ([]byte, bool) {
	if len(signed) < Size {
		return nil, false
	}
	message := signed[:len(signed)-Size]
	return message, hmac.Equal(signed[len(message):], s.compute(name, message))
}

// compute is good until the next call. The zero byte ends the name: no name has one.
func (s *Seals) compute(name string, message []byte) []byte {
	s.mac.Reset()
	_, _ = io.WriteString(s.mac, name) // a hash never fails
	_, _ = s.mac.Write([]byte{0})
	_, _ = s.mac.Write(message)
	s.sum = s.mac.Sum(s.sum[:0])
	return s.sum[:Size]
}
