package domain

import (
	"crypto/sha256"
	"encoding/binary"
)

// Key makes a repeat of a command refusable by the log itself. Its first six bytes keep keys of
// one time or one sender together in the index; the other ten are a hash of everything that
// the key stands for, so that two keys are equal only when their causes are.
type Key [16]byte

// SendKey stands for one sender's client_message_id, for ever.
func SendKey(sender ID, clientMessageID string) Key {
	near := sha256.Sum256(sender[:])
	return key(near[:6], "send", sender[:], []byte(clientMessageID))
}

// DeliveredKey stands for a user's delivered-receipt of a message.
func DeliveredKey(message, user ID) Key { return key(message[:6], "delivered", message[:], user[:]) }

// ReadKey stands for a user's read-receipt of a message.
func ReadKey(message, user ID) Key { return key(message[:6], "read", message[:], user[:]) }

// EraseKey stands for the erasure of a message's content.
func EraseKey(message ID) Key { return key(message[:6], "erase", message[:]) }

// ReleaseKey stands for what ends the review of a blocked message: its release, or the erasure of its content.
func ReleaseKey(message ID) Key { return key(message[:6], "release", message[:]) }

// RequestKey stands for one user's idempotency_key of a kind of thing that he makes, for ever. The kind is the type of the event.
func RequestKey(kind Type, user ID, idempotencyKey string) Key {
	return key(user[:6], "request", []byte(kind), user[:], []byte(idempotencyKey))
}

// NotificationReadKey stands for the reading of a notification, which only one user can do.
func NotificationReadKey(notification ID) Key {
	return key(notification[:6], "notification read", notification[:])
}

// DirectKey stands for the direct conversation of two users, in whichever order they are given.
func DirectKey(a, b ID) Key {
	if b.Less(a) {
		a, b = b, a
	}
	return key(a[:6], "direct", a[:], b[:])
}

// UserKey stands for a user's id.
func UserKey(user ID) Key { return key(user[:6], "user", user[:]) }

// WalletKey stands for a wallet address, given in lower case.
func WalletKey(address string) Key { return key([]byte("wallet"), "wallet", []byte(address)) }

// LogKey stands for the log's creation: there is one.
func LogKey() Key { return key([]byte("log\x00\x00\x00"), "log") }

// SealKey stands for the batch that begins at the position: of two sealers at once, one succeeds.
func SealKey(first Position) Key {
	return key([]byte("seals\x00"), "seal", binary.BigEndian.AppendUint64(nil, uint64(first)))
}

func key(near []byte, kind string, parts ...[]byte) Key {
	h := sha256.New()
	h.Write([]byte(kind))
	for _, p := range parts {
		h.Write([]byte{byte(len(p))}) // every part is shorter than 256 bytes
		h.Write(p)
	}
	var sum [32]byte
	h.Sum(sum[:0])
	var k Key
	copy(k[:6], near)
	copy(k[6:], sum[:])
	return k
}

// KeysOf returns the keys that an event of these data took when it was appended, and those that
// it claimed, as far as the data still tell: an erased wallet address is free.
func KeysOf(d Data) (taken, claimed []Key) {
	switch d := d.(type) {
	case *LogCreated:
		taken = append(taken, LogKey())
	case *MerkleBatchSealed:
		taken = append(taken, SealKey(d.FirstPosition))
	case *UserRegistered:
		taken = append(taken, UserKey(d.UserID))
		if d.WalletAddress != "" {
			taken = append(taken, WalletKey(d.WalletAddress))
		}
	case *ConversationStarted:
		if d.Direct && len(d.ParticipantIDs) == 2 { // other numbers come from no server, but a forged file has them
			taken = append(taken, DirectKey(d.ParticipantIDs[0], d.ParticipantIDs[1]))
		}
		taken = appendRequestKey(taken, d.Type(), d.StarterID, d.IdempotencyKey)
	case *MessageSent:
		if d.ClientMessageID != nil {
			taken = append(taken, SendKey(d.SenderID, *d.ClientMessageID))
		}
	case *MessageBlocked:
		if d.ClientMessageID != nil {
			taken = append(taken, SendKey(d.SenderID, *d.ClientMessageID))
		}
	case *MessageReleased:
		taken = append(taken, ReleaseKey(d.MessageID))
	case *MessageDelivered:
		taken = append(taken, DeliveredKey(d.MessageID, d.UserID))
	case *MessageRead:
		taken = append(taken, ReadKey(d.MessageID, d.UserID))
		claimed = append(claimed, DeliveredKey(d.MessageID, d.UserID))
	case *ContentErased:
		taken = append(taken, EraseKey(d.MessageID))
		if d.SenderID != nil { // it was blocked; if it was released too, its release has the key
			claimed = append(claimed, ReleaseKey(d.MessageID))
		}
	case *NotificationRead:
		taken = append(taken, NotificationReadKey(d.NotificationID))
	case *ProjectCreated:
		taken = appendRequestKey(taken, d.Type(), d.AuthorID, d.IdempotencyKey)
	case *TaskCreated:
		taken = appendRequestKey(taken, d.Type(), d.CreatedBy, d.IdempotencyKey)
	case *NotificationCreated:
		taken = appendRequestKey(taken, d.Type(), d.CreatedBy, d.IdempotencyKey)
	case *AnnouncementMade:
		taken = appendRequestKey(taken, d.Type(), d.AnnouncedBy, d.IdempotencyKey)
	}
	return taken, claimed
}

func appendRequestKey(taken []Key, kind Type, user ID, idempotencyKey *string) []Key {
	if idempotencyKey == nil {
		return taken
	}
	return append(taken, RequestKey(kind, user, *idempotencyKey))
}
