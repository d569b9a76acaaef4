package frame

import (
	"encoding/hex"
	"strconv"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// The functions below append one member to an object that has one already: ,"name":value. Names
// are our own and need no escape.

func appendName(dst []byte, name string) []byte {
	dst = append(dst, `,"`...)
	dst = append(dst, name...)
	return append(dst, `":`...)
}

func appendID(dst []byte, name string, id domain.ID) []byte {
	dst = append(appendName(dst, name), '"')
	return append(id.Append(dst), '"')
}

func appendBool(dst []byte, name string, b bool) []byte {
	return strconv.AppendBool(appendName(dst, name), b)
}

func appendTime(dst []byte, name string, t time.Time) []byte {
	return wire.AppendTime(appendName(dst, name), t)
}

func appendPosition(dst []byte, p domain.Position) []byte {
	return strconv.AppendInt(appendName(dst, "position"), int64(p), 10)
}

// appendSalt appends a salt's 32 hex digits, or null for the zero salt.
func appendSalt(dst []byte, s domain.Salt) []byte {
	if s == (domain.Salt{}) {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	dst = hex.AppendEncode(dst, s[:])
	return append(dst, '"')
}

// appendRef appends the member ref, which is JSON already, if there is one.
func appendRef(dst []byte, ref string) []byte {
	if ref == "" {
		return dst
	}
	dst = append(dst, `,"ref":`...)
	return append(dst, ref...)
}

// end appends ref, if there is one, and closes the object.
func end(dst []byte, ref string) []byte {
	return append(appendRef(dst, ref), '}')
}
