package frame

import (
	"maps"
	"slices"
)

// ClientFrame is what clients are told of a type of frame that they may send. Parse reads it by the same tables.
type ClientFrame struct {
	Name    string // its type; empty for the one frame that has none
	Title   string
	Summary string
	Fields  []Field  // without type
	OneOf   []string // the names of the fields of which it has one, not both; they are not Required each
	Answers []string // names of server frames; an error may come in their place
	Example string   // JSON
}

// about is what the tables for parsing don't say of a type.
type about struct {
	title, summary, example string
	answers                 []string
}

var abouts = map[string]about{
	"chat_message": {
		title:   "Send a message",
		summary: "Sends a message to a conversation or a user. A message that the guard blocks is answered with a warning.",
		answers: []string{"message_sent", "warning"},
		example: `{"type":"chat_message","receiver_id":"0190b5d2-7c00-7b0b-8000-000000000b0b","content":"hello","client_message_id":"1","ref":7}`,
	},
	"delivered": {
		title:   "Acknowledge a message",
		summary: "Says that this client has the message. Its sender gets message_status.",
		example: `{"type":"delivered","message_id":"0190b5d2-7c00-7aaa-8000-000000000001"}`,
	},
	"message_received": {
		title:   "Acknowledge a message, by another name",
		summary: "The same as delivered.",
		example: `{"type":"message_received","message_id":"0190b5d2-7c00-7aaa-8000-000000000001"}`,
	},
	"read": {
		title:   "Say that messages are read",
		summary: "Says that the user has read the messages. Their senders, and the user's other connections, get message_status.",
		example: `{"type":"read","message_ids":["0190b5d2-7c00-7aaa-8000-000000000001","0190b5d2-7c00-7aaa-8000-000000000002"]}`,
	},
	"read_receipt": {
		title:   "Say that a message is read",
		summary: "The same as read, for one message.",
		example: `{"type":"read_receipt","message_id":"0190b5d2-7c00-7aaa-8000-000000000001"}`,
	},
	"typing": {
		title:   "Say that the user types",
		summary: "The others get typing_indicator. Unless renewed, it ends after 6 s.",
		example: `{"type":"typing","conversation_id":"0190b5d2-7c00-7ccc-8000-000000000001","is_typing":true}`,
	},
	"ping": {
		title:   "Ask for a sign of life",
		summary: "Is answered with pong.",
		answers: []string{"pong"},
		example: `{"type":"ping","ref":"a"}`,
	},
	"heartbeat": {
		title:   "Ask for a sign of life, by another name",
		summary: "The same as ping.",
		answers: []string{"pong"},
		example: `{"type":"heartbeat"}`,
	},
	"subscribe": {
		title: "Watch a task or project",
		summary: "Asks for task_status_update of a task, or of all tasks of a project, on this connection. The project's author, " +
			"the task's freelancer (for the task), admins and services may; to others it is forbidden, as is what does not exist. " +
			"A connection may watch 1,000; one more is too_large.",
		answers: []string{"subscribed"},
		example: `{"type":"subscribe","channel":"task:0190b5d2-7c00-7ddd-8000-000000000001"}`,
	},
	"unsubscribe": {
		title:   "Watch a task or project no longer",
		summary: "Takes a subscribe back. What was not watched is no error.",
		answers: []string{"unsubscribed"},
		example: `{"type":"unsubscribe","channel":"task:0190b5d2-7c00-7ddd-8000-000000000001"}`,
	},
	"sync": {
		title:   "Ask for what was missed",
		summary: "The same as connecting with since: what was missed comes in order of position, then synced. One at a time.",
		answers: []string{"synced"},
		example: `{"type":"sync","since":4711,"log_id":"0190b5d2-7c00-7111-8000-000000000001"}`,
	},
	"authenticate": {
		title:   "Carry on with a new token",
		summary: "Replaces the connection's token before it expires. A token that is no good changes nothing.",
		answers: []string{"authenticated"},
		example: `{"type":"authenticate","token":"eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"}`,
	},
}

// ClientFrames lists all that a client may send, by name; the frame without a type comes last.
func ClientFrames() []ClientFrame {
	names := slices.Sorted(maps.Keys(shapes))
	all := make([]ClientFrame, 0, len(names)+1)
	for _, name := range names {
		s, a := shapes[name], abouts[name]
		f := ClientFrame{Name: name, Title: a.title, Summary: a.summary, Answers: a.answers, Example: a.example}
		f.add(s.fields|setOf(fieldRef), s.required)
		if s.fields&target == target {
			f.OneOf = []string{fieldConversationID.String(), fieldReceiverID.String()}
		}
		all = append(all, f)
	}
	chat := shapes[string(ChatMessage)]
	untyped := ClientFrame{
		Title:   "Send a message, without a type",
		Summary: "A frame without type, but with conversation_id and content, is a chat_message.",
		Answers: abouts[string(ChatMessage)].answers,
		Example: `{"conversation_id":"0190b5d2-7c00-7ccc-8000-000000000001","content":"hello"}`,
	}
	untyped.add(chat.fields&^setOf(fieldReceiverID)|setOf(fieldRef), chat.required|setOf(fieldConversationID))
	return append(all, untyped)
}

func (f *ClientFrame) add(known, required fieldSet) {
	for name := range known.each {
		described := fields[name]
		described.Required = required.has(name)
		f.Fields = append(f.Fields, described)
	}
}
