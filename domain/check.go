package domain

import (
	"errors"
	"slices"
)

var (
	errMissing  = errors.New("a required field is missing")
	errTreeSize = errors.New("tree_size is not last_position")
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
		ok = some(d.MessageID, d.ConversationID, d.SenderID) && (d.ReceiverID == nil || some(*d.ReceiverID))
	case *MessageDelivered:
		ok = some(d.MessageID, d.ConversationID, d.SenderID, d.UserID)
	case *MessageRead:
		ok = some(d.MessageID, d.ConversationID, d.SenderID, d.UserID)
	case *ContentErased:
		ok = some(d.MessageID, d.ConversationID, d.ErasedBy) && d.ErasedPosition > 0
	case *UserBlocked:
		ok = some(d.UserID, d.BlockedID)
	case *UserUnblocked:
		ok = some(d.UserID, d.BlockedID)
	}
	if !ok {
		return errMissing
	}
	return nil
}

// some reports whether none of the ids is "none".
func some(ids ...ID) bool { return !slices.Contains(ids, ID{}) }

// ascending reports whether the ids are in order, none twice.
func ascending(ids []ID) bool {
	for i := 1; i < len(ids); i++ {
		if !ids[i-1].Less(ids[i]) {
			return false
		}
	}
	return true
}
