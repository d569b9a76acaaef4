package eventstore

import (
	"errors"

	"github.com/lib/pq"
)

// fate is what is known of a batch after the call that should have stored it.
type fate int

const (
	stored        fate = iota
	rejected           // an event's data is at fault; nothing was stored
	refusedForNow      // the database will not write now; nothing was stored
	cutShort           // the log ends before a position that was in it; nothing was stored
	unknown            // the answer was lost
)

// outcome tells a batch's fate from the error of its call. An error that the server reports and
// lives on means that the statement, and with it its transaction, was rolled back. Everything
// else may have come after the commit.
func outcome(err error) fate {
	if err == nil {
		return stored
	}
	var server *pq.Error
	if !errors.As(err, &server) {
		return unknown
	}
	switch server.Code {
	case "57P01", "57P02", "57P03", "57P04", "57P05": // the server ends the connection
		return unknown
	}
	switch server.Code.Class() {
	case "CM": // raised by append_events
		return cutShort
	case "08", "58", "XX": // connection, system and internal errors
		return unknown
	case "22", "23": // data and constraints
		return rejected
	}
	return refusedForNow
}
