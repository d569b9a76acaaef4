package frame

import "chainmail/domain"

// Type is what a client's frame asks for.
type Type string

// The types that Parse gives. Other names for the same thing come out as one of these.
const (
	ChatMessage  Type = "chat_message"
	Delivered    Type = "delivered" // also message_received
	Read         Type = "read"      // also read_receipt
	Typing       Type = "typing"
	Ping         Type = "ping" // also heartbeat
	Subscribe    Type = "subscribe"
	Unsubscribe  Type = "unsubscribe"
	Sync         Type = "sync"
	Authenticate Type = "authenticate"
)

// MaxMessageIDs is how many messages one read frame can name.
const MaxMessageIDs = 500

// Frame is a client's frame. Only the fields of its type are set. It shares no memory with the
// data it was parsed from.
type Frame struct {
	Type Type
	Ref  string // JSON to send back on the answer; empty where the frame has none

	// ChatMessage, Typing. Of the two ids one is set, the other zero.
	ConversationID domain.ID
	ReceiverID     domain.ID

	// ChatMessage
	Content         string // passes domain.CheckContent
	ClientMessageID string // empty where the frame has none

	// Delivered: one. Read: 1 to MaxMessageIDs, in the order sent, repeats included.
	MessageIDs    []domain.ID
	MessagesField string // message_id or message_ids: where the frame has them

	// Typing
	IsTyping bool

	// Subscribe, Unsubscribe
	Channel Channel

	// Sync
	Since domain.Position // 0 for everything
	LogID domain.ID       // zero where the frame has none

	// Authenticate
	Token string // not looked into; never to be logged
}

// ChannelKind is what a channel tells about.
type ChannelKind string

// The kinds.
const (
	TaskChannel    ChannelKind = "task"
	ProjectChannel ChannelKind = "project"
)

// Channel is what one can subscribe to.
type Channel struct {
	Kind ChannelKind
	ID   domain.ID
	Name string // as the client wrote it, for the answer
}
