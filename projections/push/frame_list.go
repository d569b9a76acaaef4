package push

import (
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// Frames lists the frames that are pushed.
func Frames() []wire.Description {
	var (
		ann          = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7a, 0x11, 0x80, 14: 0xa1, 15: 0x1c}
		bob          = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7b, 0x0b, 0x80, 14: 0x0b, 15: 0x0b}
		conversation = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7c, 0xcc, 0x80, 15: 1}
		message      = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7a, 0xaa, 0x80, 15: 1}
		project      = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7e, 0xee, 0x80, 15: 1}
		task         = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7d, 0xdd, 0x80, 15: 1}
		notification = domain.ID{0x01, 0x90, 0xb5, 0xd2, 0x7c, 0x00, 0x7f, 0xff, 0x80, 15: 1}
		content, id  = "hello", "1"
		salt         = domain.Salt{0xab, 0xcd, 15: 1}
		at           = time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	)
	received := ChatMessage{
		MessageID: message, ConversationID: conversation, Seq: 2, Position: 4712, SenderID: ann, ReceiverID: &bob,
		Content: &content, ContentHash: domain.ContentHash(salt, content), Salt: &salt, Timestamp: at,
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
			Examples: []wire.Frame{&MessageStatus{MessageID: message, ConversationID: conversation, UserID: bob, Status: "read", Position: 4713, Timestamp: at}},
		},
		{
			Name: "message_status", Key: "message_counts", Title: "How many received and read a message",
			Summary:  "Goes to its sender instead of the other kind where more than 50 took part: at most one a second for a message.",
			Examples: []wire.Frame{&MessageCounts{MessageID: message, ConversationID: conversation, DeliveredCount: 70, ReadCount: 12, Position: 4780, Timestamp: at}},
		},
		{
			Name: "message_erased", Title: "A message was erased",
			Summary:  "Goes to who takes part. The words are gone: forget them.",
			Examples: []wire.Frame{&MessageErased{MessageID: message, ConversationID: conversation, Seq: 3, Position: 4714, Timestamp: at}},
		},
		{
			Name: "conversation", Title: "A conversation's participants",
			Summary: "Goes to who takes part, and to who has left.",
			Examples: []wire.Frame{&ConversationChange{
				ConversationID: conversation, Change: "started", UserID: ann, ParticipantIDs: []domain.ID{ann, bob}, Title: "Lunch",
				Seq: 1, Position: 4711, Timestamp: at,
			}},
		},
		{
			Name: "notification", Title: "A notification", Summary: "Goes to the user who is told.",
			Examples: []wire.Frame{&Notification{
				NotificationID: notification, NotificationType: "task_assigned", Title: "A new task", Message: "Draw the logo",
				Link: "/tasks/" + task.String(), CreatedAt: at, Position: 4715,
			}},
		},
		{
			Name: "notification_read", Title: "A notification was read", Summary: "Goes to the user's connections.",
			Examples: []wire.Frame{&NotificationRead{NotificationID: notification, Position: 4716}},
		},
		{
			Name: "task_status_update", Title: "A task's status",
			Summary:  "Goes to the task's freelancer and the project's author, and to connections that have subscribed to either.",
			Examples: []wire.Frame{&TaskStatusUpdate{TaskID: task, ProjectID: project, Status: domain.TaskInReview, UpdatedBy: bob, Position: 4717, Timestamp: at}},
		},
		{
			Name: "announcement", Title: "An announcement", Summary: "Goes to everybody.",
			Examples: []wire.Frame{&Announcement{Title: "Maintenance", Message: "Back at noon.", Position: 4718, Timestamp: at}},
		},
	}
}
