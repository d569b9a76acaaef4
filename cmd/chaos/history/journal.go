package history

import (
	"time"

	"chainmail/domain"
)

// History is what all clients did and saw.
type History struct {
	Devices []*Device
	// Settled is from when on nothing was broken any more: receipts sent later have to be in the log.
	Settled time.Duration
	// Unrecorded are users who also act in ways that no device records, such as clients that misbehave.
	Unrecorded map[domain.ID]bool
	// Loss is what the log lost for good; nil for nothing.
	Loss *Loss
	// Gathering is when what is never stored is compared; nil for not at all.
	Gathering *Gathering
}

// Device is one client of one user. One goroutine at a time may use it.
type Device struct {
	Name        string
	User        domain.ID
	Connections []*Connection
}

// Connection is a device's connection, from the handshake on.
type Connection struct {
	Server    string
	Opened    time.Duration // since the run began, as all times here
	Closed    time.Duration
	Given     bool            // whether it was opened with Since
	Since     domain.Position // good if Given
	CloseCode int             // 1006 where it broke without a close frame (RFC 6455 §7.1.5); 0 where the client closed it
	Reason    string          // of the close frame
	Entries   []Entry
}

// Kind says what an entry is.
type Kind uint8

// The kinds of entries: what the client did, and a frame that came.
const (
	Sent      Kind = iota + 1 // a chat_message left: ClientID, Conversation or User as the receiver
	Delivered                 // Messages were acknowledged as delivered
	Read                      // Messages were acknowledged as read
	Synced                    // a sync from Position on was asked for, with Ref, which no other has on this connection
	Received                  // a frame came
)

// Entry is one thing that a client did or saw. Of a frame that came it has those fields that are compared.
type Entry struct {
	Kind         Kind
	At           time.Duration
	Type         string // of the frame
	Position     domain.Position
	Seq          domain.Seq
	Message      domain.ID
	Conversation domain.ID
	User         domain.ID // whom the frame is about: sender_id of a message, else user_id
	ClientID     string
	Hash         string // content_hash
	Words        Words
	Status       string // status of a message_status, change of a conversation
	Code         string // of an error
	Field        string // of an error
	Duplicate    bool
	Counts       bool   // a message_status that gathers many
	On           bool   // of a presence: online; of a typing_indicator: is_typing
	Ref          string // as JSON; of a synced it is empty unless it answers a sync
	Messages     []domain.ID
}

// Words says how a message's content stands to its hash.
type Words uint8

// What can be the matter with a message's content.
const (
	NoWords     Words = iota // the frame has none: not a message, or an erased one
	TrueWords                // they have the hash that the frame names
	FalsedWords              // they have another
	lostWords                // the frame has none, and the log may have lost their erasure
)

// Open begins a connection; since is negative where none is given.
func (d *Device) Open(server string, since domain.Position, at time.Duration) *Connection {
	c := &Connection{Server: server, Opened: at, Given: since >= 0, Since: max(since, 0)}
	d.Connections = append(d.Connections, c)
	return c
}

// Add appends an entry.
func (c *Connection) Add(e Entry) { c.Entries = append(c.Entries, e) }
