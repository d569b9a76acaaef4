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
	Verdict           Verdict // what the guard thinks of Content
}

// Send decides a SendMessage. Who repeats a client_message_id gets the first result, from the
// log and not from here.
func (s *State) Send(c SendMessage) (Decision, *Refusal) {
	if r := CheckContent(c.Content); r != nil {
		return Decision{}, r
	}
	if r := checkRepeatKey("client_message_id", c.ClientMessageID); r != nil {
		return Decision{}, r
	}
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	if c.ClientMessageID != "" {
		d.Keys = append(d.Keys, SendKey(c.Actor.ID, c.ClientMessageID))
	}
	to, r := s.addressee(d, c)
	if r != nil {
		return Decision{}, r
	}
	if c.Verdict.Blocked {
		c.block(d, to)
		return *d, nil
	}
	if to.opens {
		to.conversation = c.NewConversationID
		open(d, c.Actor.ID, to)
	}
	if judged := c.Verdict.judged(c.MessageID, c.Actor.ID); judged != nil {
		d.draft(GuardStream(c.Actor.ID), judged)
	}
	d.draft(ConversationStream(to.conversation), &MessageSent{
		MessageID: c.MessageID, ConversationID: to.conversation, SenderID: c.Actor.ID, ReceiverID: to.receiver(),
		ClientMessageID: orNil(c.ClientMessageID), RiskScore: c.Verdict.RiskScore, PolicyHash: orNil(c.Verdict.PolicyHash),
		Content: c.Content, Salt: c.Salt, ContentHash: ContentHash(c.Salt, c.Content),
	})
	return *d, nil
}

// block drafts what is stored of a message that is not sent. It opens no conversation.
func (c SendMessage) block(d *Decision, to addressee) {
	m := &MessageBlocked{
		MessageID: c.MessageID, SenderID: c.Actor.ID, ReceiverID: to.receiver(), ClientMessageID: orNil(c.ClientMessageID),
		RiskScore: c.Verdict.RiskScore, PolicyHash: c.Verdict.PolicyHash, Reasons: c.Verdict.reasons(), Model: c.Verdict.Model,
		Content: c.Content, Salt: c.Salt, ContentHash: ContentHash(c.Salt, c.Content),
	}
	if !to.opens {
		m.ConversationID = &to.conversation
	}
	d.draft(GuardStream(c.Actor.ID), m)
}

// addressee is whom a message is for.
type addressee struct {
	conversation ID
	other        ID   // in a direct conversation
	opens        bool // the direct conversation is yet to be opened; conversation is then the caller's to choose
}

func (a addressee) receiver() *ID {
	if a.other.IsZero() {
		return nil
	}
	return &a.other
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// addressee finds whom a message is for, if its sender may write there.
func (s *State) addressee(d *Decision, c SendMessage) (addressee, *Refusal) {
	sender := c.Actor.ID
	if !c.ReceiverID.IsZero() {
		to := addressee{other: c.ReceiverID}
		if r := s.mayWriteTo(d, "receiver_id", sender, c.ReceiverID); r != nil {
			return to, r
		}
		if direct := s.Direct(sender, c.ReceiverID); direct != nil {
			to.conversation = direct.ID
		} else {
			to.opens = true
		}
		return to, nil
	}
	conv := s.conversations[c.ConversationID]
	if conv == nil {
		return addressee{}, refuse(ConversationNotFound, "conversation_id", "there is no such conversation")
	}
	conv.expect(d)
	if !conv.Has(sender) {
		return addressee{}, refuse(NotAParticipant, "conversation_id", "you do not take part in this conversation")
	}
	if !conv.Direct {
		return addressee{conversation: conv.ID}, nil
	}
	to := addressee{conversation: conv.ID, other: conv.Other(sender)}
	return to, s.mayWriteTo(d, "conversation_id", sender, to.other)
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

// open drafts the start of a direct conversation, and returns it. Its key lets only one start of the two win.
func open(d *Decision, starter ID, to addressee) *ConversationStarted {
	p := pair(starter, to.other)
	d.Keys = append(d.Keys, DirectKey(starter, to.other))
	started := &ConversationStarted{
		ConversationID: to.conversation, StarterID: starter, Direct: true, ParticipantIDs: p[:],
	}
	d.draft(ConversationStream(to.conversation), started)
	return started
}
