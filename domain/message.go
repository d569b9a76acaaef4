package domain

// SendMessage is the wish to say something: in a conversation, or to a person (one of the two
// is set). MessageID and NewConversationID are fresh ids; the latter is used when the first
// message to a person opens their direct conversation.
type SendMessage struct {
	Actor             Actor
	ConversationID    ID
	ReceiverID        ID
	Content           string
	ClientMessageID   string // empty for none
	MessageID         ID
	NewConversationID ID
	Salt              Salt
}

// Send decides a SendMessage. Who repeats a client_message_id gets the first result, from the
// log and not from here.
func (s *State) Send(c SendMessage) (Decision, *Refusal) {
	if r := CheckContent(c.Content); r != nil {
		return Decision{}, r
	}
	if r := checkClientMessageID(c.ClientMessageID); r != nil {
		return Decision{}, r
	}
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	if c.ClientMessageID != "" {
		d.Keys = append(d.Keys, SendKey(c.Actor.ID, c.ClientMessageID))
	}
	conversation, receiver, r := s.addressee(d, c)
	if r != nil {
		return Decision{}, r
	}
	m := &MessageSent{
		MessageID: c.MessageID, ConversationID: conversation, SenderID: c.Actor.ID,
		Content: c.Content, Salt: c.Salt, ContentHash: ContentHash(c.Salt, c.Content),
	}
	if !receiver.IsZero() {
		m.ReceiverID = &receiver
	}
	if c.ClientMessageID != "" {
		m.ClientMessageID = &c.ClientMessageID
	}
	d.draft(ConversationStream(conversation), m)
	return *d, nil
}

// addressee finds the conversation, opening a direct one if need be, and its receiver if it is direct.
func (s *State) addressee(d *Decision, c SendMessage) (conversation, receiver ID, r *Refusal) {
	sender := c.Actor.ID
	if !c.ReceiverID.IsZero() {
		if r := s.mayWriteTo(d, "receiver_id", sender, c.ReceiverID); r != nil {
			return ID{}, ID{}, r
		}
		if direct := s.Direct(sender, c.ReceiverID); direct != nil {
			return direct.ID, c.ReceiverID, nil
		}
		s.open(d, sender, c.ReceiverID, c.NewConversationID)
		return c.NewConversationID, c.ReceiverID, nil
	}
	conv := s.conversations[c.ConversationID]
	if conv == nil {
		return ID{}, ID{}, refuse(ConversationNotFound, "conversation_id", "there is no such conversation")
	}
	conv.expect(d)
	if !conv.Has(sender) {
		return ID{}, ID{}, refuse(NotAParticipant, "conversation_id", "you do not take part in this conversation")
	}
	if !conv.Direct {
		return conv.ID, ID{}, nil
	}
	receiver = conv.Other(sender)
	return conv.ID, receiver, s.mayWriteTo(d, "conversation_id", sender, receiver)
}

// mayWriteTo checks what a direct message needs: another, active user, and no block between the
// two. The field is the one by which the command names the receiver.
func (s *State) mayWriteTo(d *Decision, field string, sender, receiver ID) *Refusal {
	if sender == receiver {
		return refuse(InvalidField, field, field+" is yourself: name another user")
	}
	s.expectUser(d, receiver)
	if !s.Active(receiver) {
		return refuse(ReceiverNotFound, field, "there is no such user, or the account is inactive")
	}
	s.expectBlocks(d, sender)
	s.expectBlocks(d, receiver)
	if s.Blocked(sender, receiver) {
		return refuse(Forbidden, field, "direct messages between you and this user are blocked")
	}
	return nil
}

// open drafts the start of a direct conversation. Its key lets only one start of the two win.
func (s *State) open(d *Decision, starter, other, id ID) {
	p := pair(starter, other)
	d.Keys = append(d.Keys, DirectKey(starter, other))
	d.draft(ConversationStream(id), &ConversationStarted{
		ConversationID: id, StarterID: starter, Direct: true, ParticipantIDs: p[:],
	})
}
