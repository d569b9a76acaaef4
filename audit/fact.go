package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"chainmail/domain"
)

// factKind is what a fact says of its message, notification or announcement.
type factKind byte

const (
	factSent     factKind = iota
	factSentBare          // sent, and its body is gone
	factBlocked
	factBlockedBare // blocked, and its body is gone
	factDelivered
	factRead
	factErased
	factReleased
	factPassed // the message was sent by a release: the fact is of the blocked one
	factNotified
	factNoticed // the notification was read
	factAnnounced
)

// ofNotice reports whether the fact is of a notification or an announcement.
func (k factKind) ofNotice() bool { return k >= factNotified }

// fact is one event about a message, a notification or an announcement.
type fact struct {
	message      domain.ID // or the notification's, the announcement's
	position     domain.Position
	kind         factKind
	user         domain.ID // who sent, received, read, erased or released it; of a notification who is told
	conversation domain.ID // zero for none
	// told is the message's sender, as a receipt, an erasure or a release says; of factBlocked and factPassed it is
	// what said makes of the message; else zero.
	told [16]byte
	of   domain.Position // the message's own, as an erasure or a release says
}

const factSize = keySize + 1 + 3*16 + 8

func (f *fact) put(record []byte) {
	copy(record, f.message[:])
	binary.BigEndian.PutUint64(record[16:], uint64(f.position))
	record[24] = byte(f.kind)
	copy(record[25:], f.user[:])
	copy(record[41:], f.conversation[:])
	copy(record[57:], f.told[:])
	binary.BigEndian.PutUint64(record[73:], uint64(f.of))
}

func factOf(record []byte) fact {
	return fact{
		message:      domain.ID(record[:16]),
		position:     domain.Position(binary.BigEndian.Uint64(record[16:])),
		kind:         factKind(record[24]),
		user:         domain.ID(record[25:41]),
		conversation: domain.ID(record[41:57]),
		told:         [16]byte(record[57:73]),
		of:           domain.Position(binary.BigEndian.Uint64(record[73:])),
	}
}

// factAbout reads what an event says of a message, a notification or an announcement, if it does.
func factAbout(e *domain.Event, data domain.Data) (f fact, about bool) {
	f.position = e.Position
	switch d := data.(type) {
	case *domain.MessageSent:
		f.message, f.user, f.conversation = d.MessageID, d.SenderID, d.ConversationID
		f.kind = factSent
		if e.Body == nil {
			f.kind = factSentBare
		}
	case *domain.MessageBlocked:
		f.message, f.user, f.conversation = d.MessageID, d.SenderID, orZero(d.ConversationID)
		f.told = said(d.ReceiverID, d.ContentHash, d.RiskScore, &d.PolicyHash)
		f.kind = factBlocked
		if e.Body == nil {
			f.kind = factBlockedBare
		}
	case *domain.MessageDelivered:
		f.kind = factDelivered
		f.message, f.user, f.conversation, f.told = d.MessageID, d.UserID, d.ConversationID, d.SenderID
	case *domain.MessageRead:
		f.kind = factRead
		f.message, f.user, f.conversation, f.told = d.MessageID, d.UserID, d.ConversationID, d.SenderID
	case *domain.ContentErased:
		f.kind, f.of = factErased, d.ErasedPosition
		f.message, f.user, f.conversation, f.told = d.MessageID, d.ErasedBy, orZero(d.ConversationID), orZero(d.SenderID)
	case *domain.MessageReleased:
		f.kind, f.of = factReleased, d.BlockedPosition
		f.message, f.user, f.conversation, f.told = d.MessageID, d.ReleasedBy, d.ConversationID, d.SenderID
	case *domain.NotificationCreated:
		f.kind, f.message, f.user = factNotified, d.NotificationID, d.UserID
	case *domain.NotificationRead:
		f.kind, f.message, f.user = factNoticed, d.NotificationID, d.UserID
	case *domain.AnnouncementMade:
		f.kind, f.message, f.user = factAnnounced, d.AnnouncementID, d.AnnouncedBy
	default:
		return fact{}, false
	}
	return f, true
}

// passed is the fact that a blocked message was sent as this one.
func passed(e *domain.Event, blocked domain.ID, d *domain.MessageSent) fact {
	return fact{
		message: blocked, position: e.Position, kind: factPassed, user: d.SenderID, conversation: d.ConversationID,
		told: said(d.ReceiverID, d.ContentHash, d.RiskScore, d.PolicyHash),
	}
}

// said is a hash over all that a release repeats of the blocked message.
func said(receiver *domain.ID, contentHash string, risk float64, policy *string) [16]byte {
	by := ""
	if policy != nil {
		by = *policy
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q %v %q", orZero(receiver), contentHash, risk, by))
	return [16]byte(sum[:16])
}

func orZero(id *domain.ID) domain.ID {
	if id == nil {
		return domain.ID{}
	}
	return *id
}
