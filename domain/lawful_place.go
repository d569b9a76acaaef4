package domain

import (
	"bytes"
	"strings"
)

// home is the stream that an event belongs in: a prefix and the id of what it is about, if it has one.
func home(d Data) (prefix string, id ID) {
	switch d := d.(type) {
	case *MessageSent:
		return conversationPrefix, d.ConversationID
	case *MessageDelivered:
		return receiptPrefix, d.ConversationID
	case *MessageRead:
		return receiptPrefix, d.ConversationID
	case *UserRegistered:
		return userPrefix, d.UserID
	case *UserDeactivated:
		return userPrefix, d.UserID
	case *ConversationStarted:
		return conversationPrefix, d.ConversationID
	case *ParticipantAdded:
		return conversationPrefix, d.ConversationID
	case *ParticipantLeft:
		return conversationPrefix, d.ConversationID
	case *ContentErased:
		if d.SenderID != nil {
			return guardPrefix, *d.SenderID
		}
		return conversationPrefix, *d.ConversationID
	case *MessageJudged:
		return guardPrefix, d.SenderID
	case *MessageBlocked:
		return guardPrefix, d.SenderID
	case *MessageReleased:
		return guardPrefix, d.SenderID
	case *GuardPolicyInstalled:
		return string(PolicyStream), ID{}
	case *UserBlocked:
		return guardPrefix, d.UserID
	case *UserUnblocked:
		return guardPrefix, d.UserID
	case *ProjectCreated:
		return projectPrefix, d.ProjectID
	case *TaskCreated:
		return taskPrefix, d.TaskID
	case *TaskStatusChanged:
		return taskPrefix, d.TaskID
	case *NotificationCreated:
		return notificationPrefix, d.UserID
	case *NotificationRead:
		return notificationPrefix, d.UserID
	case *AnnouncementMade:
		return string(AnnouncementStream), ID{}
	case *MerkleBatchSealed:
		return string(SealStream), ID{}
	}
	return string(LogStream), ID{}
}

// is reports whether the stream has this name, without making it.
func (s StreamID) is(prefix string, id ID) bool {
	rest, found := strings.CutPrefix(string(s), prefix)
	if id.IsZero() {
		return found && rest == ""
	}
	var text [36]byte
	return found && rest == string(id.Append(text[:0]))
}

// acting is the user in whose name an event happened, where its data tell.
func acting(d Data) (ID, bool) {
	switch d := d.(type) {
	case *MessageSent:
		return d.SenderID, true
	case *MessageDelivered:
		return d.UserID, true
	case *MessageRead:
		return d.UserID, true
	case *ConversationStarted:
		return d.StarterID, true
	case *ParticipantAdded:
		return d.AddedBy, true
	case *ParticipantLeft:
		return d.RemovedBy, true
	case *ContentErased:
		return d.ErasedBy, true
	case *UserBlocked:
		return d.UserID, true
	case *UserUnblocked:
		return d.UserID, true
	case *MessageJudged:
		return d.SenderID, true
	case *MessageBlocked:
		return d.SenderID, true
	case *MessageReleased:
		return d.ReleasedBy, true
	case *ProjectCreated:
		return d.AuthorID, true
	case *TaskCreated:
		return d.CreatedBy, true
	case *TaskStatusChanged:
		return d.ChangedBy, true
	case *NotificationCreated:
		return d.CreatedBy, true
	case *NotificationRead:
		return d.UserID, true
	case *AnnouncementMade:
		return d.AnnouncedBy, true
	}
	return ID{}, false
}

// actorOf reads who acted from the metadata; the zero ID is the system.
func actorOf(metadata []byte) (ID, error) {
	r := reader{rest: metadata} // far quicker than ParseMetadata, on what every event so far has
	r.skip(string(metadataStart))
	r.skip(`"actor_id":`)
	actor := r.idOrNull()
	r.skip(`,"session_id":`)
	r.idOrNull()
	r.skip(`,"auth":"`)
	if !r.failed && bytes.HasSuffix(r.rest, []byte(`"}`)) && bytes.Count(r.rest, []byte(`"`)) == 1 {
		return actor, nil
	}
	m, err := ParseMetadata(metadata)
	if err != nil || m.ActorID == nil {
		return ID{}, err
	}
	return *m.ActorID, nil
}

func (r *reader) idOrNull() ID {
	if r.null() {
		return ID{}
	}
	return r.id()
}
