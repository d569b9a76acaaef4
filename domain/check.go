package domain

import (
	"errors"
	"slices"
)

var (
	errMissing  = errors.New("a required field is missing")
	errTreeSize = errors.New("tree_size is not last_position")
	errErased   = errors.New("an erased message is in a conversation, or was blocked and has a sender_id")
	errOrder    = errors.New("participant_ids are not in ascending order")
)

// check refuses data without the ids that the event is about: such an event would tell nothing,
// and could not be read back.
func check(d Data) error {
	ok := true
	switch d := d.(type) {
	case *LogCreated:
		ok = some(d.LogID)
	case *LogKeyRotated:
		ok = d.PreviousKey != "" && d.PublicKey != "" && d.Announcement != ""
	case *MerkleBatchSealed:
		ok = d.RootHash != "" && d.Checkpoint != "" && 0 < d.FirstPosition && d.FirstPosition <= d.LastPosition
		if ok && d.TreeSize != int64(d.LastPosition) {
			return errTreeSize
		}
	case *UserRegistered:
		ok = some(d.UserID)
	case *UserDeactivated:
		ok = some(d.UserID)
	case *ConversationStarted:
		ok = some(d.ConversationID, d.StarterID) && len(d.ParticipantIDs) > 0 && some(d.ParticipantIDs...)
		if ok && !ascending(d.ParticipantIDs) {
			return errOrder
		}
	case *ParticipantAdded:
		ok = some(d.ConversationID, d.UserID, d.AddedBy)
	case *ParticipantLeft:
		ok = some(d.ConversationID, d.UserID, d.RemovedBy)
	case *MessageSent:
		ok = some(d.MessageID, d.ConversationID, d.SenderID) && someOrNone(d.ReceiverID)
	case *MessageDelivered:
		ok = some(d.MessageID, d.ConversationID, d.SenderID, d.UserID)
	case *MessageRead:
		ok = some(d.MessageID, d.ConversationID, d.SenderID, d.UserID)
	case *ContentErased:
		ok = some(d.MessageID, d.ErasedBy) && someOrNone(d.ConversationID, d.SenderID) && d.ErasedPosition > 0
		if ok && (d.ConversationID == nil) != (d.SenderID != nil) {
			return errErased
		}
	case *UserBlocked:
		ok = some(d.UserID, d.BlockedID)
	case *UserUnblocked:
		ok = some(d.UserID, d.BlockedID)
	case *GuardPolicyInstalled:
		ok = d.PolicyHash != ""
	case *MessageJudged:
		ok = some(d.MessageID, d.SenderID) && d.PolicyHash != ""
	case *MessageBlocked:
		ok = some(d.MessageID, d.SenderID) && someOrNone(d.ConversationID, d.ReceiverID) && d.PolicyHash != "" &&
			(d.ConversationID != nil || d.ReceiverID != nil)
	case *MessageReleased:
		ok = some(d.MessageID, d.SenderID, d.ReleasedID, d.ConversationID, d.ReleasedBy) && d.BlockedPosition > 0
	default:
		ok = wholeWork(d)
	}
	if !ok {
		return errMissing
	}
	return nil
}

// wholeWork is check for projects, tasks and what people are told.
func wholeWork(d Data) bool {
	switch d := d.(type) {
	case *ProjectCreated:
		return some(d.ProjectID, d.AuthorID)
	case *TaskCreated:
		return some(d.TaskID, d.ProjectID, d.AuthorID, d.FreelancerID, d.CreatedBy)
	case *TaskStatusChanged:
		return some(d.TaskID, d.ProjectID, d.AuthorID, d.FreelancerID, d.ChangedBy) && d.PreviousStatus != "" && d.Status != ""
	case *NotificationCreated:
		return some(d.NotificationID, d.UserID, d.CreatedBy) && d.NotificationType != ""
	case *NotificationRead:
		return some(d.NotificationID, d.UserID)
	case *AnnouncementMade:
		return some(d.AnnouncementID, d.AnnouncedBy)
	}
	return true
}

// some reports whether none of the ids is "none".
func some(ids ...ID) bool { return !slices.Contains(ids, ID{}) }

// someOrNone is some for ids that may be absent: nil, not the id that means "none".
func someOrNone(ids ...*ID) bool {
	return !slices.ContainsFunc(ids, func(id *ID) bool { return id != nil && id.IsZero() })
}

// ascending reports whether the ids are in order, none twice.
func ascending(ids []ID) bool {
	for i := 1; i < len(ids); i++ {
		if !ids[i-1].Less(ids[i]) {
			return false
		}
	}
	return true
}
