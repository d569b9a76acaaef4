package domain

import "time"

// Event is a fact as the log stores it. Payload, Metadata and Body are the exact bytes of their
// columns; whoever holds an Event must not change them.
type Event struct {
	Position   Position
	ID         ID
	Stream     StreamID
	Version    Version
	Type       Type
	Payload    []byte
	Metadata   []byte
	Body       []byte // nil when the event has none, or when it was erased
	RecordedAt time.Time
	LeafHash   [32]byte // zero in events that come from memory; the table always has it
	data       Data     // set when the event comes from memory, so that it isn't decoded again
}

// Draft is an event that is yet to be appended. The log gives it its id, position, version and time.
type Draft struct {
	Stream StreamID
	Data   Data
	Erases Position // the event whose body goes in the same commit; 0 for none
}

// Auth is how an actor showed who he is.
type Auth string

// The ways of showing who one is.
const (
	AuthWallet   Auth = "wallet"   // a session that began with a wallet's signature
	AuthToken    Auth = "token"    // a token of ours with no session
	AuthExternal Auth = "external" // a token of an outside issuer
	AuthCLI      Auth = "cli"      // the command line on the server
	AuthSystem   Auth = "system"   // the server itself
)

// Actor is who gives a command. A zero ID is the system.
type Actor struct {
	ID        ID
	SessionID ID
	Auth      Auth
}

// Expectation names a stream that a decision read, and the version of the last deciding event
// that it saw there (0: none). The log refuses the append when there is a newer one.
type Expectation struct {
	Stream  StreamID
	Version Version
}

// Decision is what a command leads to. Its events are appended all or none. With no drafts
// there is nothing to do: what was wished for is already so.
type Decision struct {
	Actor  Actor
	Drafts []Draft
	// Keys are refused by the log when taken; the answer is then the event that took them.
	Keys []Key
	// Claims are keys that are taken if they are free, and no matter if they are not.
	Claims []Key
	Expect []Expectation
	// At is the position of the state that the decision read. Where no deciding event was
	// appended since, every expectation holds without being looked at.
	At Position
}

// Deciding reports whether events of this type change what others may do (membership, blocks,
// accounts, the log's key, the guard's policy, releases, projects and tasks). Decisions rest on them; sends and receipts change no one's rights.
func (t Type) Deciding() bool {
	switch t {
	case TypeLogKeyRotated, TypeUserRegistered, TypeUserDeactivated,
		TypeConversationStarted, TypeParticipantAdded, TypeParticipantLeft,
		TypeUserBlocked, TypeUserUnblocked, TypeGuardPolicyInstalled, TypeMessageReleased,
		TypeProjectCreated, TypeTaskCreated, TypeTaskStatusChanged:
		return true
	}
	return false
}
