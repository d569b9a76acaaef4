package domain

import "slices"

// StartConversation is the wish to talk: with one other person and no title in their direct
// conversation, else in a new group. ID is fresh.
type StartConversation struct {
	Actor          Actor
	ID             ID
	ParticipantIDs []ID // others; the actor may be among them
	Title          string
	Salt           Salt
	IdempotencyKey string // empty for none
}

// Made reports whether this wish, by the same starter, is the one that made a conversation.
func (c StartConversation) Made(d *ConversationStarted) bool {
	return d.Title == c.Title && slices.Equal(d.ParticipantIDs, c.everyone())
}

// everyone lists who is to take part, the actor included, in ascending order.
func (c StartConversation) everyone() []ID {
	everyone := append(distinctOthers(c.ParticipantIDs, c.Actor.ID), c.Actor.ID)
	slices.SortFunc(everyone, ID.Compare)
	return everyone
}

// AddParticipant is the wish to bring somebody into a group.
type AddParticipant struct {
	Actor          Actor
	ConversationID ID
	UserID         ID
}

// RemoveParticipant is the wish to take somebody out of a group, or to leave it.
type RemoveParticipant struct {
	Actor          Actor
	ConversationID ID
	UserID         ID
}

// Start decides a StartConversation. It also returns the conversation's id: that of the direct
// conversation if there is one already, with nothing to append, else c.ID.
func (s *State) Start(c StartConversation) (Decision, ID, *Refusal) {
	if c.Title != "" {
		if r := CheckTitle(c.Title); r != nil {
			return Decision{}, ID{}, r
		}
	}
	d, r := s.beginOnce(c.Actor, TypeConversationStarted, c.IdempotencyKey)
	if r != nil {
		return Decision{}, ID{}, r
	}
	others := distinctOthers(c.ParticipantIDs, c.Actor.ID)
	ofTwo := len(others) == 1 && c.Title == ""
	if ofTwo {
		// That the two cannot write to each other any more takes nothing away of what they wrote.
		if direct := s.Direct(c.Actor.ID, others[0]); direct != nil {
			d.Keys = nil // nothing is made that a repeat could make twice
			return *d, direct.ID, nil
		}
	}
	if r := s.mayStartWith(d, c.Actor.ID, others); r != nil {
		return Decision{}, ID{}, r
	}
	if ofTwo {
		open(d, c.Actor.ID, addressee{conversation: c.ID, other: others[0]}).IdempotencyKey = orNil(c.IdempotencyKey)
		return *d, c.ID, nil
	}
	started := &ConversationStarted{
		ConversationID: c.ID, StarterID: c.Actor.ID, ParticipantIDs: c.everyone(), IdempotencyKey: orNil(c.IdempotencyKey),
	}
	if c.Title != "" { // without a title there is nothing to salt
		started.Title, started.Salt = c.Title, c.Salt
	}
	d.draft(ConversationStream(c.ID), started)
	return *d, c.ID, nil
}

func (s *State) mayStartWith(d *Decision, starter ID, others []ID) *Refusal {
	const field = "participant_ids"
	switch {
	case len(others) == 0:
		return refuse(InvalidField, field, "participant_ids names nobody but yourself: add another user")
	case len(others) >= MaxParticipants:
		return refuse(TooLarge, field, "a conversation has at most 1000 participants")
	}
	s.expectBlocks(d, starter)
	for _, id := range others {
		s.expectUser(d, id)
		s.expectBlocks(d, id)
		if !s.Active(id) {
			return refuse(ReceiverNotFound, field, "there is no user "+id.String()+", or the account is inactive")
		}
		if s.Blocked(starter, id) {
			return refuse(Forbidden, field, "you and "+id.String()+" cannot start a conversation: one of you blocks the other")
		}
	}
	return nil
}

// Add decides an AddParticipant. Who is in the group already makes no event.
func (s *State) Add(c AddParticipant) (Decision, *Refusal) {
	d, conv, r := s.group(c.Actor, c.ConversationID)
	if r != nil {
		return Decision{}, r
	}
	if !conv.Has(c.Actor.ID) {
		return Decision{}, refuse(NotAParticipant, "", "you do not take part in this conversation")
	}
	s.expectUser(d, c.UserID)
	s.expectBlocks(d, c.Actor.ID)
	s.expectBlocks(d, c.UserID)
	switch {
	case !s.Active(c.UserID):
		return Decision{}, refuse(ReceiverNotFound, "user_id", "there is no such user, or the account is inactive")
	case conv.Has(c.UserID):
		return *d, nil
	case s.Blocked(c.Actor.ID, c.UserID):
		return Decision{}, refuse(Forbidden, "user_id", "you cannot add this user: one of you blocks the other")
	case conv.Size() >= MaxParticipants:
		return Decision{}, refuse(TooLarge, "user_id", "a conversation has at most 1000 participants")
	}
	d.draft(ConversationStream(conv.ID), &ParticipantAdded{
		ConversationID: conv.ID, UserID: c.UserID, AddedBy: c.Actor.ID,
	})
	return *d, nil
}

// Remove decides a RemoveParticipant: everyone may leave; the starter and admins remove others.
func (s *State) Remove(c RemoveParticipant) (Decision, *Refusal) {
	d, conv, r := s.group(c.Actor, c.ConversationID)
	if r != nil {
		return Decision{}, r
	}
	admin := s.users[c.Actor.ID].Role == RoleAdmin
	switch {
	case !conv.Has(c.Actor.ID) && !admin:
		return Decision{}, refuse(NotAParticipant, "", "you do not take part in this conversation")
	case c.UserID != c.Actor.ID && conv.StarterID != c.Actor.ID && !admin:
		return Decision{}, refuse(Forbidden, "", "only who started the conversation, or an admin, removes others")
	case !conv.Has(c.UserID):
		return Decision{}, refuse(UserNotFound, "user_id", "this user does not take part in the conversation")
	}
	d.draft(ConversationStream(conv.ID), &ParticipantLeft{
		ConversationID: conv.ID, UserID: c.UserID, RemovedBy: c.Actor.ID,
	})
	return *d, nil
}

func (s *State) group(actor Actor, id ID) (*Decision, *Conversation, *Refusal) {
	d, r := s.begin(actor)
	if r != nil {
		return nil, nil, r
	}
	conv := s.conversations[id]
	if conv == nil {
		return nil, nil, refuse(ConversationNotFound, "conversation_id", "there is no such conversation")
	}
	conv.expect(d)
	if conv.Direct && (conv.Has(actor.ID) || s.users[actor.ID].Role == RoleAdmin) {
		return nil, nil, refuse(Forbidden, "conversation_id", "a direct conversation stays between its two people: start a group")
	}
	return d, conv, nil
}

func distinctOthers(ids []ID, self ID) []ID {
	others := slices.Clone(ids)
	slices.SortFunc(others, ID.Compare)
	others = slices.Compact(others)
	return slices.DeleteFunc(others, func(id ID) bool { return id == self })
}
