package history

import (
	"fmt"

	"chainmail/domain"
)

// Breach names a guarantee that does not hold.
type Breach string

// The guarantees, each by what is wrong when it does not hold.
const (
	LogGap            Breach = "the log's positions or a stream's versions have a gap"
	LogBackwards      Breach = "the log's times go back"
	LogDoubled        Breach = "one client_message_id is stored twice"
	AckLost           Breach = "acknowledged, and not in the log"
	AckDiffers        Breach = "acknowledged otherwise than the log has it"
	AckTwice          Breach = "acknowledged as new more than once, or with two results"
	RefusedStored     Breach = "refused as not stored, and stored"
	RefusedWrongly    Breach = "refused without a cause in the log"
	Unanswered        Breach = "never answered"
	SendOrder         Breach = "stored in another order than sent"
	PushOrder         Breach = "pushed out of the order of positions"
	PushTwice         Breach = "pushed twice on one connection"
	PushBeforeSince   Breach = "pushed though before since"
	PushMissed        Breach = "passed over: a later push came, or a claim that all was sent"
	PushNever         Breach = "owed, and never came"
	PushInvented      Breach = "pushed, and the log has no such thing"
	PushDiffers       Breach = "pushed otherwise than the log has it"
	PushForeign       Breach = "pushed to somebody whom it does not concern"
	PushAcknowledged  Breach = "sent again after its receipt"
	PushErased        Breach = "erased words were sent to who knew of the erasure"
	SeqOrder          Breach = "a conversation's seq does not ascend"
	SeqGap            Breach = "a conversation's seq has a gap"
	ReceiptLost       Breach = "a receipt that nothing disturbed is not in the log"
	ReceiptInvented   Breach = "a receipt is in the log that nobody sent"
	CloseUnexpected   Breach = "closed with a code that has no cause"
	FrameUnparsed     Breach = "a frame cannot be read"
	SinceRefused      Breach = "a since that the server gave was refused"
	PresenceUntrue    Breach = "told that a peer is online, or not, and it is not so"
	TypingForEver     Breach = "somebody types for ever"
	LossUnnoticed     Breach = "a server goes on with a log that lost what it saw"
	AuditFinding      Breach = "replay finds the log damaged"
	TablesDiffer      Breach = "the state tables differ from a fresh build"
	ServerUnavailable Breach = "a server did not become ready again"
)

// Finding is one breach.
type Finding struct {
	Breach   Breach
	Device   string          // empty where none is concerned
	Position domain.Position // 0 where none is known
	Detail   string
}

// String says it in a line.
func (f Finding) String() string {
	text := string(f.Breach) + ": " + f.Detail
	if f.Position != 0 {
		text += fmt.Sprintf(" (position %d)", f.Position)
	}
	if f.Device != "" {
		text = f.Device + ": " + text
	}
	return text
}
