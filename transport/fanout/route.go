package fanout

import "chainmail/domain"

// appendChannels appends the channels of those whom an event concerns, each once. What makes no frames, and what every server
// reads from the log anyway, has none; but a task's status is told to those who watch it.
func appendChannels(dst []channel, data domain.Data) []channel {
	switch d := data.(type) {
	case *domain.MessageSent:
		if d.ReceiverID == nil {
			return append(dst, channel{toRoom, d.ConversationID})
		}
		return append(dst, channel{toUser, d.SenderID}, channel{toUser, *d.ReceiverID})
	case *domain.MessageDelivered:
		return append(dst, channel{toUser, d.SenderID})
	case *domain.MessageRead:
		return append(dst, channel{toUser, d.SenderID}, channel{toUser, d.UserID})
	case *domain.NotificationCreated:
		return append(dst, channel{toUser, d.UserID})
	case *domain.NotificationRead:
		return append(dst, channel{toUser, d.UserID})
	case *domain.TaskStatusChanged:
		dst = append(dst, channel{toTask, d.TaskID}, channel{toProject, d.ProjectID}, channel{toUser, d.FreelancerID})
		if d.AuthorID != d.FreelancerID {
			dst = append(dst, channel{toUser, d.AuthorID})
		}
		return dst
	case *domain.AnnouncementMade:
		return append(dst, broadcast)
	}
	return dst
}

// onlyFromLog reports whether servers read an event of this type from the log: decisions rest on it, or, as with an erasure,
// it does not say whom it concerns.
func onlyFromLog(t domain.Type) bool { return t.Deciding() || t == domain.TypeContentErased }
