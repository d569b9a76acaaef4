// Package cluster carries words between the servers of one log: who types, who is online, what counts towards a
// limit. Nothing rests on a word. It may be lost, and nobody waits for it; what must not be lost is an event in the log.
package cluster

import (
	"context"

	"chainmail/domain"
)

// Kind says what a word is about, and so how its body reads. Whoever says it has the body's form beside the kind's use; a kind
// that a server does not know is passed over.
type Kind byte

// The kinds of words.
const (
	Beat    Kind = 1 // that the server is there; no body
	Bye     Kind = 2 // that it is about to end, and has nobody any more; no body
	Typing  Kind = 3 // package ws
	Counts  Kind = 4 // package presence: how many connections some users have now
	State   Kind = 5 // package presence: a part of everything that the server has
	Digest  Kind = 6 // package presence: a sum of it
	Ask     Kind = 7 // package presence: for everything that a server has
	Charges Kind = 8 // package limit
)

// Word is what one server tells others.
type Word struct {
	// From is the server that says it. Each start of a server has an id of its own.
	From domain.ID
	Kind Kind
	// To names those whose servers need to hear it.
	To Audience
	// Body is at most MaxBody bytes. Whoever gets a word does not change it.
	Body []byte
}

// Audience is everybody (zero), one user's connections, or those of a conversation's participants. At most one field is set.
// A carrier may reach more servers than need to hear.
type Audience struct {
	User, Conversation domain.ID
}

// MaxBody bounds a word's body in bytes, so that a carrier can put some into one message.
const MaxBody = 2048

// Bus carries words.
type Bus interface {
	// Send hands a word to the other servers, with From filled in. It never waits: where too much is on its way already the word is
	// dropped and counted.
	Send(Word)
	// Run hands others' words to receive, one at a time and in the order in which each server said them, until ctx ends. It
	// then returns nil, after a last try, of a second at most, to send what waits. While the carrier is away it tries again; words
	// of that time are lost.
	Run(ctx context.Context, receive func(Word)) error
}
