package domain

import "strings"

// Position is a place in the whole log: from 1, without gaps, visible in order.
// The leaf index of RFC 6962 is Position - 1.
type Position int64

// Version is a place in one stream: from 1, without gaps.
type Version int64

// Seq is a conversation's version as its participants see it. It equals the version of the
// event in the conversation's stream.
type Seq = Version

// StreamID names the ordered events of one thing, such as "conversation-<id>".
type StreamID string

// What the names of streams begin with, before an id.
const (
	userPrefix         = "user-"
	conversationPrefix = "conversation-"
	receiptPrefix      = "receipts-"
	guardPrefix        = "guard-"
	projectPrefix      = "project-"
	taskPrefix         = "task-"
	notificationPrefix = "notifications-"
)

// LogStream holds what the log says of itself: its creation, its keys.
const LogStream StreamID = "log"

// SealStream holds what the log claims of its own content: a seal a batch.
const SealStream StreamID = "seals"

// PolicyStream holds what the guard judges by.
const PolicyStream StreamID = "policies"

// AnnouncementStream holds what everybody is told.
const AnnouncementStream StreamID = "announcements"

// UserStream holds an account: registered, deactivated.
func UserStream(user ID) StreamID { return stream(userPrefix, user) }

// ConversationStream holds what all participants see alike: started, joined, left, sent,
// erased. Its version is the Seq that clients use to notice a gap.
func ConversationStream(conversation ID) StreamID { return stream(conversationPrefix, conversation) }

// ReceiptStream holds a conversation's receipts, apart from the conversation itself, since a
// participant sees only some of them and must see no gap.
func ReceiptStream(conversation ID) StreamID { return stream(receiptPrefix, conversation) }

// GuardStream holds what stands between a user and others and is not theirs to see: whom he blocked, and what the
// guard thinks of his messages.
func GuardStream(user ID) StreamID { return stream(guardPrefix, user) }

// ProjectStream holds a project: created.
func ProjectStream(project ID) StreamID { return stream(projectPrefix, project) }

// TaskStream holds a task: created, and how it stands.
func TaskStream(task ID) StreamID { return stream(taskPrefix, task) }

// NotificationStream holds what a user is told, and what of it he has read.
func NotificationStream(user ID) StreamID { return stream(notificationPrefix, user) }

// About returns what a stream that clients catch up with is about: a conversation (its receipts too), or the user who is
// notified; the zero ID for what everybody is told. Of a task the state itself knows when it last moved.
func (s StreamID) About() (about ID, followed bool) {
	for _, prefix := range [...]string{conversationPrefix, receiptPrefix, notificationPrefix} { // the first two are nearly all
		if text, found := strings.CutPrefix(string(s), prefix); found {
			about, err := ParseID(text)
			return about, err == nil
		}
	}
	return ID{}, s == AnnouncementStream
}

func stream(prefix string, id ID) StreamID {
	b := make([]byte, 0, 50)
	b = append(b, prefix...)
	return StreamID(id.Append(b))
}
