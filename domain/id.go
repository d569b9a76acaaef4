package domain

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
)

// ID is a UUID (RFC 9562). The server makes version 7, so that ids sort by time of creation.
// The zero ID means "none".
type ID [16]byte

// ErrBadID says that a text is not a UUID in the canonical form of RFC 9562 §4.
var ErrBadID = errors.New("not a UUID of the form 01234567-89ab-7cde-8123-456789abcdef")

// ParseID reads the canonical 36-character form, hex digits in either case. It returns ErrBadID
// for every other text, the nil UUID included, since that stands for "none" here.
func ParseID(s string) (ID, error) { return parseID(s) }

func parseID[T string | []byte](s T) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, ErrBadID
	}
	var digits [32]byte
	copy(digits[0:], s[0:8])
	copy(digits[8:], s[9:13])
	copy(digits[12:], s[14:18])
	copy(digits[16:], s[19:23])
	copy(digits[20:], s[24:36])
	if _, err := hex.Decode(id[:], digits[:]); err != nil || id.IsZero() {
		return ID{}, ErrBadID
	}
	return id, nil
}

// IsZero reports whether the id stands for "none".
func (id ID) IsZero() bool { return id == ID{} }

// String returns the canonical lower-case form. ParseID undoes it.
func (id ID) String() string { return string(id.Append(make([]byte, 0, 36))) }

// Append adds the canonical form to dst, so that encoders need no allocation.
func (id ID) Append(dst []byte) []byte {
	dst = hex.AppendEncode(dst, id[0:4])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, id[4:6])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, id[6:8])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, id[8:10])
	dst = append(dst, '-')
	return hex.AppendEncode(dst, id[10:16])
}

// MarshalText gives the canonical form; encoding/json uses it.
func (id ID) MarshalText() ([]byte, error) { return id.Append(nil), nil }

// UnmarshalText is ParseID for encoding/json.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := parseID(text)
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// Compare orders ids by their bytes, which for version 7 is the order of creation. It returns -1, 0 or 1, as
// package cmp does.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// Less reports whether Compare puts the id before the other one.
func (id ID) Less(other ID) bool { return id.Compare(other) < 0 }

// Scan reads a uuid column, for database/sql; NULL gives the zero ID.
func (id *ID) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*id = ID{}
		return nil
	case []byte:
		return id.UnmarshalText(src)
	case string:
		return id.UnmarshalText([]byte(src))
	}
	return fmt.Errorf("cannot read a %T as an id", src)
}
