package domain

// MessageRef is what a decision about a message needs to know of it.
type MessageRef struct {
	ID             ID
	ConversationID ID // zero for one that was blocked before its conversation existed
	SenderID       ID
	Position       Position
	Blocked        bool // the guard kept it from being sent
}

// Acknowledge is the wish to say that a message was delivered, or read.
type Acknowledge struct {
	Actor   Actor
	Message MessageRef
	Read    bool
}

// Acknowledge decides a receipt. The recipients of a message are the other participants at its
// position; they may acknowledge it after leaving too. A repeat makes no event: the receipt's
// key is taken. A read takes the delivered key as well, so that a late delivered is a repeat.
func (s *State) Acknowledge(c Acknowledge) (Decision, *Refusal) {
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	m, user := c.Message, c.Actor.ID
	conv := s.conversations[m.ConversationID]
	// A state that ends before the message does not know who had left by then.
	if conv == nil || m.Blocked || user == m.SenderID || m.Position > s.Position || !conv.Saw(user, m.Position) {
		return Decision{}, refuse(MessageNotFound, "message_id", "there is no such message to you")
	}
	stream := ReceiptStream(conv.ID)
	delivered := DeliveredKey(m.ID, user)
	if c.Read {
		d.Keys = append(d.Keys, ReadKey(m.ID, user))
		d.Claims = append(d.Claims, delivered)
		d.draft(stream, &MessageRead{MessageID: m.ID, ConversationID: conv.ID, SenderID: m.SenderID, UserID: user})
		return *d, nil
	}
	d.Keys = append(d.Keys, delivered)
	d.draft(stream, &MessageDelivered{MessageID: m.ID, ConversationID: conv.ID, SenderID: m.SenderID, UserID: user})
	return *d, nil
}
