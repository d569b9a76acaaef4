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
	mu    sync.Mutex
	until map[target]time.Time // guarded by mu
}

// target is where a user types: in a group, or to a receiver. server is another one, at which he does; zero for this one.
type target struct {
	sender, conversation, receiver domain.ID
	server                         domain.ID
}

func (t *typing) init() { t.until = make(map[target]time.Time) }

// note remembers or forgets that somebody types.
func (t *typing) note(where target, is bool, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if is {
		t.until[where] = until
	} else {
		delete(t.until, where)
	}
}

// take forgets those targets that the function picks, and returns them.
func (t *typing) take(pick func(target, time.Time) bool) (taken []target) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for where, until := range t.until {
		if pick(where, until) {
			taken = append(taken, where)
			delete(t.until, where)
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
	others, conversation, refusal := s.audience(where)
	if refusal != nil && refusal.FromMissing() {
		if err := s.catchUpView(); err != nil {
			c.failed(err, f.Ref, "")
			return
		}
		others, conversation, refusal = s.audience(where)
	}
	if refusal != nil {
		c.failed(refusal, f.Ref, "")
		c.spend()
		return
	}
	where = s.sameName(where)
	s.typing.note(where, f.IsTyping, s.now().Add(typingLasts))
	s.signal(others, &frame.TypingIndicator{ConversationID: conversation, SenderID: c.user, IsTyping: f.IsTyping})
	s.sayTyping(where, f.IsTyping)
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

// audience finds who is told of a user's typing: the other participants, save those who block him or whom he
// blocks, of which nobody hears. The conversation is zero before a direct one exists. It has both with NotAParticipant
// too, for those who were told before he left.
func (s *Server) audience(where target) (others []domain.ID, conversation domain.ID, refusal *domain.Refusal) {
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
				others = []domain.ID{where.receiver}
			}
		} else if conv == nil {
			refusal = &domain.Refusal{Code: domain.ConversationNotFound, Field: "conversation_id", Message: "there is no such conversation"}
			return
		} else if !conv.Has(where.sender) {
			refusal = &domain.Refusal{Code: domain.NotAParticipant, Field: "conversation_id", Message: "you do not take part in this conversation"}
		}
		if conv != nil {
			conversation = conv.ID
			others = present(conv)
		}
		others = slices.DeleteFunc(others, func(other domain.ID) bool {
			return other == where.sender || state.Blocked(where.sender, other)
		})
	})
	return others, conversation, refusal
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

// tellIdle tells those who were told that somebody types that he no longer does.
func (s *Server) tellIdle(gone []target) {
	for _, where := range gone {
		if where.server.IsZero() {
			s.sayTyping(where, false)
		}
		others, conversation, refusal := s.audience(where)
		if refusal == nil || refusal.Code == domain.NotAParticipant {
			s.signal(others, &frame.TypingIndicator{ConversationID: conversation, SenderID: where.sender})
		}
	}
}
