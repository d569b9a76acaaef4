package domain

import "fmt"

// ReleaseMessage is the wish of an admin to let a blocked message pass. MessageID and NewConversationID are
// fresh ids; the latter is used when the message opens a direct conversation.
type ReleaseMessage struct {
	Actor             Actor
	Blocked           *MessageBlocked
	Position          Position // of Blocked
	MessageID         ID
	NewConversationID ID
}

// release is a blocked message that was sent after all.
type release struct {
	at            Position // of its MessageReleased
	by            ID
	blocked, sent MessageRef
}

// Release decides a ReleaseMessage. What has changed since the message was blocked counts: it is sent only if its sender
// could send it now. It has no client_message_id, so that a repeat of the sender's frame still
// gets the warning. A message is released once, which the log sees to by its key.
func (s *State) Release(c ReleaseMessage) (Decision, *Refusal) {
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	if s.users[c.Actor.ID].Role != RoleAdmin {
		return Decision{}, refuse(Forbidden, "", "only an admin releases a message")
	}
	b := c.Blocked
	switch {
	case s.releases[b.MessageID] != nil:
		return Decision{}, refuse(Conflict, "id", "this message was released already")
	case b.Erased:
		return Decision{}, refuse(Conflict, "id", "the content of this message was erased: there is nothing to send")
	}
	d.Keys = append(d.Keys, ReleaseKey(b.MessageID))
	send := SendMessage{Actor: Actor{ID: b.SenderID}}
	if b.ReceiverID != nil {
		send.ReceiverID = *b.ReceiverID
	} else {
		send.ConversationID = *b.ConversationID
	}
	s.expectUser(d, b.SenderID)
	to, r := s.addressee(d, send)
	if r != nil || !s.Active(b.SenderID) {
		return Decision{}, refuse(Conflict, "id", "its sender could not send this message any more: "+
			"somebody has left, is blocked by the other, or has no active account")
	}
	if to.opens {
		to.conversation = c.NewConversationID
	}
	d.draft(GuardStream(b.SenderID), &MessageReleased{
		MessageID: b.MessageID, BlockedPosition: c.Position, SenderID: b.SenderID,
		ReleasedID: c.MessageID, ConversationID: to.conversation, ReleasedBy: c.Actor.ID,
	})
	if to.opens {
		open(d, b.SenderID, to)
	}
	d.draft(ConversationStream(to.conversation), &MessageSent{
		MessageID: c.MessageID, ConversationID: to.conversation, SenderID: b.SenderID, ReceiverID: to.receiver(),
		ContentHash: b.ContentHash, RiskScore: b.RiskScore, PolicyHash: &b.PolicyHash,
		Content: b.Content, Salt: b.Salt,
	})
	return *d, nil
}

// release folds a MessageReleased. The events of its commit follow it without a gap.
func (s *State) release(e Event, d *MessageReleased) error {
	if s.releases[d.MessageID] != nil {
		return fmt.Errorf("message %s was released already", d.MessageID)
	}
	r := &release{
		at: e.Position, by: d.ReleasedBy,
		blocked: MessageRef{ID: d.MessageID, SenderID: d.SenderID, Position: d.BlockedPosition, Blocked: true},
		sent:    MessageRef{ID: d.ReleasedID, ConversationID: d.ConversationID, SenderID: d.SenderID, Position: e.Position + 1},
	}
	s.releases[d.MessageID], s.releases[d.ReleasedID], s.released = r, r, r
	s.blockList(d.SenderID).decided = e.Version // blocks are decided in the same stream
	return nil
}

// opensFor takes note of a conversation that a release opens: the message comes after its start.
func (s *State) opensFor(e Event) {
	if r := s.released; r != nil && e.Position == r.at+1 {
		r.sent.Position = e.Position + 1
	}
}

// releasing reports whether an event is at a position at which only the last release may go on.
func (s *State) releasing(e Event) bool {
	return s.released != nil && e.Position <= s.released.sent.Position
}

// byRelease reports whether an event is one of those that a release by this actor leads to, in its sender's name.
func (s *State) byRelease(e Event, d Data, actor ID) bool {
	r := s.released
	if !s.releasing(e) || actor != r.by {
		return false
	}
	switch d := d.(type) {
	case *ConversationStarted:
		return d.Direct && d.StarterID == r.sent.SenderID && d.ConversationID == r.sent.ConversationID
	case *MessageSent:
		return d.MessageID == r.sent.ID && d.SenderID == r.sent.SenderID && d.ConversationID == r.sent.ConversationID &&
			d.ClientMessageID == nil
	}
	return false
}

// Twin returns the other one of a blocked message and the message that it was sent as when it was released.
func (s *State) Twin(message ID) (MessageRef, bool) {
	r := s.releases[message]
	switch {
	case r == nil:
		return MessageRef{}, false
	case r.blocked.ID == message:
		return r.sent, true
	}
	return r.blocked, true
}
