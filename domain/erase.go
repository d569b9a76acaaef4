package domain

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
}

// Erase decides an EraseContent: the sender or an admin may. What is erased already makes no event.
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
	admin := s.users[actor].Role == RoleAdmin
	conv := s.conversations[m.ConversationID]
	if conv == nil || !admin && !conv.Saw(actor, m.Position) {
		return Decision{}, refuse(MessageNotFound, "message_id", "there is no such message")
	}
	if actor != m.SenderID && !admin {
		return Decision{}, refuse(Forbidden, "message_id", "only the sender or an admin erases a message")
	}
	d.Keys = append(d.Keys, EraseKey(m.ID))
	d.Drafts = append(d.Drafts, Draft{
		Stream: ConversationStream(conv.ID),
		Data: &ContentErased{
			MessageID: m.ID, ConversationID: conv.ID, ErasedPosition: m.Position, ErasedBy: actor, Reason: c.Reason,
		},
		Erases: m.Position,
	})
	return *d, nil
}
