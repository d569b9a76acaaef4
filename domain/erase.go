package domain

import "slices"

// Reason is why content was erased.
type Reason string

// The reasons.
const (
	ReasonSender     Reason = "sender"
	ReasonModeration Reason = "moderation"
	ReasonLegal      Reason = "legal"
	ReasonPrivacy    Reason = "privacy"
)

// EraseContent is the wish that a message's words be gone for good.
type EraseContent struct {
	Actor   Actor
	Message MessageRef
	Reason  Reason
	Gone    []Key // of what is known to be erased already: it is left out
}

// Erase decides an EraseContent: the sender or an admin may. What is erased already makes no event. A message that was
// blocked and then released is erased in both places.
func (s *State) Erase(c EraseContent) (Decision, *Refusal) {
	switch c.Reason {
	case ReasonSender, ReasonModeration, ReasonLegal, ReasonPrivacy:
	default:
		return Decision{}, refuse(InvalidField, "reason", "reason is one of sender, moderation, legal, privacy")
	}
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	m, actor := c.Message, c.Actor.ID
	if r := s.mayErase(m, actor); r != nil {
		return Decision{}, r
	}
	twin, released := s.Twin(m.ID)
	if twin.Position > s.Position { // the release is not yet whole in this state: the start of a conversation may come first
		return Decision{}, noMessage()
	}
	if released { // the same words, twice in the log
		d.erase(twin, c)
	}
	d.erase(m, c)
	if m.Blocked && !released { // and so it cannot be released meanwhile
		d.Keys = append(d.Keys, ReleaseKey(m.ID))
	}
	return *d, nil
}

func (s *State) mayErase(m MessageRef, actor ID) *Refusal {
	admin := s.users[actor].Role == RoleAdmin
	conv := s.conversations[m.ConversationID]
	switch {
	case conv == nil && !m.Blocked,
		m.Position > s.Position: // such a state does not know who had left by then, nor of a release
		return noMessage()
	case admin || m.Blocked && actor == m.SenderID:
		return nil
	case m.Blocked || !conv.Saw(actor, m.Position):
		return noMessage()
	case actor != m.SenderID:
		return refuse(Forbidden, "message_id", "only the sender or an admin erases a message")
	}
	return nil
}

func noMessage() *Refusal { return refuse(MessageNotFound, "message_id", "there is no such message") }

// erase drafts the erasure of one event's body, in the stream in which the event is.
func (d *Decision) erase(m MessageRef, c EraseContent) {
	once := EraseKey(m.ID)
	if slices.Contains(c.Gone, once) {
		return
	}
	d.Keys = append(d.Keys, once)
	e := &ContentErased{MessageID: m.ID, ErasedPosition: m.Position, ErasedBy: c.Actor.ID, Reason: c.Reason}
	stream := ConversationStream(m.ConversationID)
	if m.Blocked {
		e.SenderID, stream = &m.SenderID, GuardStream(m.SenderID)
	} else {
		e.ConversationID = &m.ConversationID
	}
	d.Drafts = append(d.Drafts, Draft{Stream: stream, Data: e, Erases: m.Position})
}
