package push

import (
	"strconv"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// The pushed frames are structs, whose tags describe what their AppendJSON writes (see [wire.Frame]), with the field
// names and order fixed here for good. The encoders make them of events.

// appendID appends a member of an object that has one already: ,"name":"id". The name needs no escape.
func appendID(dst []byte, name string, id domain.ID) []byte {
	dst = append(appendName(dst, name), '"')
	return append(id.Append(dst), '"')
}

func appendName(dst []byte, name string) []byte {
	dst = append(dst, `,"`...)
	dst = append(dst, name...)
	return append(dst, `":`...)
}

func appendText(dst []byte, name, text string) []byte {
	return wire.AppendString(appendName(dst, name), text)
}

// appendPlace writes where an event stands in its conversation and in the log.
func appendPlace(dst []byte, seq domain.Seq, at domain.Position) []byte {
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendInt(dst, int64(seq), 10)
	return appendPosition(dst, at)
}

func appendPosition(dst []byte, at domain.Position) []byte {
	dst = append(dst, `,"position":`...)
	return strconv.AppendInt(dst, int64(at), 10)
}

// appendEnd writes the time and closes the object.
func appendEnd(dst []byte, at time.Time) []byte {
	dst = append(dst, `,"timestamp":`...)
	dst = wire.AppendTime(dst, at)
	return append(dst, '}')
}
