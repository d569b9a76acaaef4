package ws

import (
	"slices"
	"sync"
	"time"

	"chainmail/domain"
	"chainmail/transport/frame"
)

// typingLasts is how long somebody types unless he says so again.
const typingLasts = 6 * time.Second

// typing holds who types where. Its size is bounded by how many typing frames a user may send.
type typing struct {
	mu      sync.Mutex
	typists map[target]typist // guarded by mu
}

// typist is somebody who types. Who is around and was never told, since a block is between the two, is not told of the end either.
type typist struct {
	until  time.Time
	untold []domain.ID
}

// idler is somebody who types no longer.
type idler struct {
	target
	untold []domain.ID
}

// target is where a user types: in a group, or to a receiver. server is another one, at which he does; zero for this one.
type target struct {
	sender, conversation, receiver domain.ID
	server                         domain.ID
}

func (t *typing) init() { t.typists = make(map[target]typist) }

// note remembers or forgets that somebody types, and returns who of those around is not told: whom a block keeps from it now, but of the
// end whom one has kept from it all the time.
func (t *typing) note(where target, is bool, until time.Time, blocked []domain.ID) (untold []domain.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, types := t.typists[where]
	switch {
	case is && types:
		told := func(user domain.ID) bool { return !slices.Contains(before.untold, user) }
		t.typists[where] = typist{until, slices.DeleteFunc(slices.Clone(blocked), told)}
	case is:
		t.typists[where] = typist{until, blocked}
	case types:
		delete(t.typists, where)
		return before.untold
	}
	return blocked
}

// take forgets those who type where the function picks, and returns them.
func (t *typing) take(pick func(target, time.Time) bool) (taken []idler) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for where, now := range t.typists {
		if pick(where, now.until) {
			taken = append(taken, idler{where, now.untold})
			delete(t.typists, where)
		}
	}
	return taken
}

// typed tells the other participants that the user types, or no longer does.
func (c *conn) typed(f *frame.Frame) {
	s := c.server
	if !c.allow(s.signals, 1, f, "typing frames") {
		return
	}
	where := target{sender: c.user, conversation: f.ConversationID, receiver: f.ReceiverID}
	around, refusal := s.audience(where)
	if refusal != nil && refusal.FromMissing() {
		if err := s.catchUpView(); err != nil {
			c.failed(err, f.Ref, "")
			return
		}
		around, refusal = s.audience(where)
	}
	if refusal != nil {
		c.failed(refusal, f.Ref, "")
		c.spend()
		return
	}
	where = s.sameName(where)
	untold := s.typing.note(where, f.IsTyping, s.now().Add(typingLasts), around.blocked)
	s.tellTyping(where, around, untold, f.IsTyping)
	s.sayTyping(where, f.IsTyping)
}

// tellTyping tells those around, but for some, that somebody types or no longer does.
func (s *Server) tellTyping(where target, around audience, untold []domain.ID, is bool) {
	told := slices.DeleteFunc(around.others, func(other domain.ID) bool { return slices.Contains(untold, other) })
	s.signal(told, &frame.TypingIndicator{ConversationID: around.conversation, SenderID: where.sender, IsTyping: is})
}

// sameName names a direct conversation by its receiver, as before it exists.
func (s *Server) sameName(where target) target {
	s.config.View.Read(func(state *domain.State) {
		if conv := state.Conversation(where.conversation); conv != nil && conv.Direct {
			where.conversation, where.receiver = domain.ID{}, conv.Other(where.sender)
		}
	})
	return where
}

// audience is who is around where somebody types.
type audience struct {
	others       []domain.ID // who takes part but him, or the receiver
	blocked      []domain.ID // those of them who block him or whom he blocks
	conversation domain.ID   // zero before a direct one exists
}

// audience finds it. There is one with NotAParticipant too, for those who were told before he left.
func (s *Server) audience(where target) (around audience, refusal *domain.Refusal) {
	s.config.View.Read(func(state *domain.State) {
		conv := state.Conversation(where.conversation)
		if !where.receiver.IsZero() {
			switch {
			case where.receiver == where.sender:
				refusal = &domain.Refusal{Code: domain.InvalidField, Field: "receiver_id", Message: "receiver_id is yourself: name another user"}
				return
			case !state.Active(where.receiver):
				refusal = &domain.Refusal{Code: domain.ReceiverNotFound, Field: "receiver_id", Message: "there is no such user, or the account is inactive"}
				return
			}
			if conv = state.Direct(where.sender, where.receiver); conv == nil {
				around.others = []domain.ID{where.receiver}
			}
		} else if conv == nil {
			refusal = &domain.Refusal{Code: domain.ConversationNotFound, Field: "conversation_id", Message: "there is no such conversation"}
			return
		} else if !conv.Has(where.sender) {
			refusal = &domain.Refusal{Code: domain.NotAParticipant, Field: "conversation_id", Message: "you do not take part in this conversation"}
		}
		if conv != nil {
			around.conversation = conv.ID
			around.others = slices.DeleteFunc(present(conv), func(user domain.ID) bool { return user == where.sender })
		}
		for _, other := range around.others {
			if state.Blocked(where.sender, other) {
				around.blocked = append(around.blocked, other)
			}
		}
	})
	return around, refusal
}

// present lists who takes part now.
func present(conv *domain.Conversation) []domain.ID {
	users := make([]domain.ID, 0, conv.Size())
	for _, m := range conv.Members() {
		if m.To == 0 {
			users = append(users, m.User)
		}
	}
	return users
}

// expireTyping says for those who have not renewed it that they no longer type.
func (s *Server) expireTyping(now time.Time) {
	s.tellIdle(s.typing.take(func(_ target, until time.Time) bool { return !until.After(now) }))
}

// stopTyping says the same for a user who has gone.
func (s *Server) stopTyping(user domain.ID) {
	s.tellIdle(s.typing.take(func(where target, _ time.Time) bool { return where.sender == user && where.server.IsZero() }))
}

// tellIdle tells those who were told that somebody types that he no longer does, also when a block has come between them since.
func (s *Server) tellIdle(gone []idler) {
	for _, one := range gone {
		if one.server.IsZero() {
			s.sayTyping(one.target, false)
		}
		around, refusal := s.audience(one.target)
		if refusal == nil || refusal.Code == domain.NotAParticipant {
			s.tellTyping(one.target, around, one.untold, false)
		}
	}
}
