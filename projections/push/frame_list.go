package push

import (
	"slices"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// What the examples have in common.
var (
	exampleAnn          = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7a, 0x11, 0x80, 14: 0xa1, 15: 0x1c}
	exampleBob          = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7b, 0x0b, 0x80, 14: 0x0b, 15: 0x0b}
	exampleConversation = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7c, 0xcc, 0x80, 15: 1}
	exampleMessage      = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7a, 0xaa, 0x80, 15: 1}
	exampleProject      = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7e, 0xee, 0x80, 15: 1}
	exampleTask         = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7d, 0xdd, 0x80, 15: 1}
	exampleNotification = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7f, 0xff, 0x80, 15: 1}
	exampleTime         = time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
)

// Frames lists the frames that are pushed.
func Frames() []wire.Description { return slices.Concat(talk(), work()) }

// talk lists the frames about conversations.
func talk() []wire.Description {
	content, id, salt := "hello", "1", domain.Salt{0xab, 0xcd, 15: 1}
	received := ChatMessage{
		MessageID: exampleMessage, ConversationID: exampleConversation, Seq: 2, Position: 4712, SenderID: exampleAnn, ReceiverID: &exampleBob,
		Content: &content, ContentHash: domain.ContentHash(salt, content), Salt: &salt, Timestamp: exampleTime,
	}
	own, erased := received, received
	own.ClientMessageID = OwnText{true, &id}
	erased.Content, erased.Salt = nil, nil
	return []wire.Description{
		{
			Name: "chat_message", Title: "A message",
			Summary:  "Goes to who took part at its position, and to the sender's other connections.",
			Examples: []wire.Frame{&received, &own, &erased},
		},
		{
			Name: "message_status", Title: "Somebody received or read a message",
			Summary:  "Goes to its sender, and for read to the reader's other connections.",
			Examples: []wire.Frame{&MessageStatus{MessageID: exampleMessage, ConversationID: exampleConversation, UserID: exampleBob, Status: "read", Position: 4713, Timestamp: exampleTime}},
		},
		{
			Name: "message_status", Key: "message_counts", Title: "How many received and read a message",
			Summary:  "Goes to its sender instead of the other kind where more than 50 took part: at most one a second for a message.",
			Examples: []wire.Frame{&MessageCounts{MessageID: exampleMessage, ConversationID: exampleConversation, DeliveredCount: 70, ReadCount: 12, Position: 4780, Timestamp: exampleTime}},
		},
		{
			Name: "message_erased", Title: "A message was erased",
			Summary:  "Goes to who takes part. The words are gone: forget them.",
			Examples: []wire.Frame{&MessageErased{MessageID: exampleMessage, ConversationID: exampleConversation, Seq: 3, Position: 4714, Timestamp: exampleTime}},
		},
		{
			Name: "conversation", Title: "A conversation's participants",
			Summary: "Goes to who takes part, and to who has left.",
			Examples: []wire.Frame{&ConversationChange{
				ConversationID: exampleConversation, Change: "started", UserID: exampleAnn, ParticipantIDs: []domain.ID{exampleAnn, exampleBob}, Title: "Lunch",
				Seq: 1, Position: 4711, Timestamp: exampleTime,
			}},
		},
	}
}

// work lists the frames about what people are told, and how tasks stand.
func work() []wire.Description {
	return []wire.Description{
		{
			Name: "notification", Title: "A notification", Summary: "Goes to the user who is told.",
			Examples: []wire.Frame{&Notification{
				NotificationID: exampleNotification, NotificationType: "task_assigned", Title: "A new task", Message: "Draw the logo",
				Link: "/tasks/" + exampleTask.String(), CreatedAt: exampleTime, Position: 4715,
			}},
		},
		{
			Name: "notification_read", Title: "A notification was read", Summary: "Goes to the user's connections.",
			Examples: []wire.Frame{&NotificationRead{NotificationID: exampleNotification, Position: 4716}},
		},
		{
			Name: "task_status_update", Title: "A task's status",
			Summary:  "Goes to the task's freelancer and the project's author, and to connections that have subscribed to either.",
			Examples: []wire.Frame{&TaskStatusUpdate{TaskID: exampleTask, ProjectID: exampleProject, Status: domain.TaskInReview, UpdatedBy: exampleBob, Position: 4717, Timestamp: exampleTime}},
		},
		{
			Name: "announcement", Title: "An announcement", Summary: "Goes to everybody.",
			Examples: []wire.Frame{&Announcement{Title: "Maintenance", Message: "Back at noon.", Position: 4718, Timestamp: exampleTime}},
		},
	}
}
