package frame

import (
	"slices"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// What the examples have in common.
var (
	exampleUser         = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7b, 0x0b, 0x80, 14: 0x0b, 15: 0x0b}
	exampleLog          = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x71, 0x11, 0x80, 15: 1}
	exampleMessage      = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7a, 0xaa, 0x80, 15: 1}
	exampleConversation = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7c, 0xcc, 0x80, 15: 1}
	exampleSalt         = domain.Salt{0xab, 0xcd, 15: 1}
	exampleTime         = time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
)

// ServerFrames lists the frames of this package. Pushed frames are listed where they are written.
func ServerFrames() []wire.Description { return slices.Concat(answers(), signals()) }

func answers() []wire.Description {
	at, later := exampleTime, exampleTime.Add(time.Hour)
	return []wire.Description{
		{
			Name: "authenticated", Title: "Connected", Summary: "The first frame of a connection, and the answer to authenticate.",
			Examples: []wire.Frame{&Authenticated{
				UserID: exampleUser, LogID: exampleLog, Position: 4711, ExpiresAt: later, Heartbeat: 30 * time.Second, Timestamp: at,
			}},
		},
		{
			Name: "synced", Title: "Up to date", Summary: "All that was missed has been sent. What follows is live.",
			Examples: []wire.Frame{&Synced{Position: 4711}, &Synced{Position: 4712, Ref: `"a"`}},
		},
		{
			Name: "message_sent", Title: "A message is stored",
			Summary: "Answers chat_message: the message is committed durably, and no crash loses it.",
			Examples: []wire.Frame{&MessageSent{
				MessageID: exampleMessage, ClientMessageID: "1", ConversationID: exampleConversation, Seq: 2, Position: 4712,
				ContentHash: domain.ContentHash(exampleSalt, "hello"), Salt: exampleSalt, RiskScore: 0.02, Timestamp: at, Ref: "7",
			}},
		},
		{
			Name: "warning", Title: "A message was not sent",
			Summary: "Answers chat_message: the guard has blocked the message. Nobody but its sender learns of it.",
			Examples: []wire.Frame{&Warning{
				Message:   "Your message was not sent. It asks for a recovery phrase. Whoever has it owns the wallet.",
				MessageID: exampleMessage, ClientMessageID: "1", RiskScore: 0.97,
				Reasons: []string{"recovery_phrase_request", "text_classifier"}, Position: 4712,
			}},
		},
		{
			Name: "subscribed", Title: "A channel is watched", Summary: "Answers subscribe.",
			Examples: []wire.Frame{&Subscribed{Channel: "task:" + exampleMessage.String()}},
		},
		{
			Name: "unsubscribed", Title: "A channel is watched no longer", Summary: "Answers unsubscribe.",
			Examples: []wire.Frame{&Subscribed{Channel: "task:" + exampleMessage.String(), Off: true}},
		},
		{
			Name: "pong", Title: "A sign of life", Summary: "Answers ping and heartbeat.",
			Examples: []wire.Frame{&Pong{Timestamp: at, Ref: `"a"`}},
		},
		{
			Name: "error", Title: "A request was refused",
			Summary:  "Stands in the place of the answer. Nothing was stored, and the connection lives on.",
			Examples: []wire.Frame{&Error{Code: MissingField, Message: "the frame lacks content", Field: "content", Ref: "7"}},
		},
	}
}

func signals() []wire.Description {
	at, later := exampleTime, exampleTime.Add(time.Hour)
	return []wire.Description{
		{
			Name: "presence", Title: "Somebody is online or not",
			Summary:  "Goes to those who share a direct conversation or a group of at most 50; after synced for each who is online.",
			Examples: []wire.Frame{&Presence{UserID: exampleUser, Online: true}, &Presence{UserID: exampleUser, LastSeen: at}},
		},
		{
			Name: "typing_indicator", Title: "Somebody types, or no longer", Summary: "Goes to the others of the conversation.",
			Examples: []wire.Frame{&TypingIndicator{ConversationID: exampleConversation, SenderID: exampleUser, IsTyping: true}},
		},
		{
			Name: "heartbeat", Title: "The connection lives", Summary: "Comes every 30 s.",
			Examples: []wire.Frame{&Heartbeat{Timestamp: at, Position: 4712}},
		},
		{
			Name: "token_expiring", Title: "The token expires soon",
			Summary:  "Comes 60 s before, or half-way through a shorter life: send authenticate with a new token.",
			Examples: []wire.Frame{&TokenExpiring{ExpiresAt: later}},
		},
	}
}
