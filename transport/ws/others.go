package ws

import (
	"time"

	"chainmail/domain"
	"chainmail/transport/cluster"
)

// A word of the kind Typing is flags (1 byte), the sender, and the conversation or the receiver (16 bytes each).
const (
	typingOn       = 1 // he types; else he no longer does
	typingReceiver = 2 // the second id is a receiver's
	typingSize     = 1 + 16 + 16
)

// typingLost is how much longer than typingLasts somebody types elsewhere if that server does not say that he has stopped.
const typingLost = 2 * time.Second

// Hear is [cluster.Part].
func (s *Server) Hear(w cluster.Word) {
	if w.Kind == cluster.Typing {
		s.hearTyping(w)
		return
	}
	for _, user := range s.config.Presence.Hear(w) {
		s.tellPresence(user, true, time.Time{})
	}
}

// Joined is [cluster.Part].
func (s *Server) Joined(domain.ID) { s.config.Presence.Joined() }

// Gone is [cluster.Part]: whoever typed there no longer does, and whoever was there alone is offline soon.
func (s *Server) Gone(server domain.ID, lastHeard time.Time) {
	s.tellIdle(s.typing.take(func(where target, _ time.Time) bool { return where.server == server }))
	s.config.Presence.Gone(server, lastHeard)
}

// Beat is [cluster.Part].
func (s *Server) Beat() { s.config.Presence.Beat() }

// sayTyping tells other servers that a user types here, or no longer does.
func (s *Server) sayTyping(where target, is bool) {
	if s.config.Others.Alone() {
		return
	}
	body := append(make([]byte, 0, typingSize), 0)
	if is {
		body[0] |= typingOn
	}
	body = append(body, where.sender[:]...)
	var to cluster.Audience
	if where.receiver.IsZero() {
		to.Conversation = where.conversation
		body = append(body, where.conversation[:]...)
	} else {
		to.User = where.receiver
		body[0] |= typingReceiver
		body = append(body, where.receiver[:]...)
	}
	s.config.Others.Tell(cluster.Typing, to, body)
}

// hearTyping tells this server's connections of somebody's typing at another one. Who is told is decided by this server's view: what
// does not fit it, since the other one knows more or is wrong, is told to nobody.
func (s *Server) hearTyping(w cluster.Word) {
	if len(w.Body) != typingSize {
		return
	}
	where, is := target{sender: domain.ID(w.Body[1:]), server: w.From}, w.Body[0]&typingOn != 0
	if id := domain.ID(w.Body[17:]); w.Body[0]&typingReceiver != 0 {
		where.receiver = id
	} else {
		where.conversation = id
	}
	around, refusal := s.audience(where)
	if refusal != nil || !s.active(where.sender) {
		return
	}
	untold := s.typing.note(where, is, s.now().Add(typingLasts+typingLost), around.blocked)
	s.tellTyping(where, around, untold, is)
}
