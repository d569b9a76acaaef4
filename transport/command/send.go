package command

import (
	"context"
	"fmt"
	"time"

	"chainmail/domain"
)

// Send is a message on its way in. One of ConversationID and ReceiverID is set.
type Send struct {
	Actor           domain.Actor
	ConversationID  domain.ID
	ReceiverID      domain.ID
	Content         string
	ClientMessageID string // empty for none
}

// Sent is what became of a message that was accepted, now or when it was first sent.
type Sent struct {
	MessageID       domain.ID
	ConversationID  domain.ID
	ClientMessageID string
	Seq             domain.Seq
	Position        domain.Position
	ContentHash     string
	Salt            domain.Salt
	Erased          bool // the salt is gone
	RiskScore       float64
	At              time.Time
	Duplicate       bool // it was sent before; nothing was stored now
}

// Send takes a message and returns at once. begin is called first, in this goroutine, with the id
// that the message will have if it is stored; done once it is durable or refused, in another. The
// error is a *Blocked, a *domain.Refusal, or one of the log's. ctx ends with the server, not with the
// connection: what was taken is brought to its end.
func (s *Service) Send(ctx context.Context, c Send, begin func(message domain.ID), done func(Sent, error)) {
	command := domain.SendMessage{
		Actor: c.Actor, ConversationID: c.ConversationID, ReceiverID: c.ReceiverID,
		Content: c.Content, ClientMessageID: c.ClientMessageID,
		MessageID: newID(), NewConversationID: newID(), Salt: newSalt(),
	}
	begin(command.MessageID)
	a := &attempt{
		decide: func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.Send(command) },
		again: func(taken domain.Key) bool {
			return !c.ReceiverID.IsZero() && taken == domain.DirectKey(c.Actor.ID, c.ReceiverID)
		},
	}
	judged := s.judgeMessage(ctx, &command)
	s.enter(ctx, laneKey{c.Actor.ID, s.target(c)}, job{attempt: a, judged: judged, done: func(a *attempt) {
		if len(a.result.Events) > 0 {
			done(s.sent(a.result.Events[len(a.result.Events)-1], false))
			return
		}
		s.repeated(ctx, c, a, done)
	}})
}

// judgeMessage sets the message's verdict: at once, or, when a language model has to be asked, by the time the channel
// that it returns is closed.
func (s *Service) judgeMessage(ctx context.Context, m *domain.SendMessage) <-chan struct{} {
	if s.judge == nil || domain.CheckContent(m.Content) != nil {
		return nil // the decision refuses bad content
	}
	look := s.judge.Look(m.Actor.ID, m.Content)
	if !look.Open() {
		m.Verdict = look.Settle(ctx)
		return nil
	}
	judged := make(chan struct{})
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		defer close(judged)
		if s.isRepeat(ctx, m) {
			return // its key is taken for good: the log answers with the first result, whatever the verdict
		}
		m.Verdict = look.Settle(context.WithoutCancel(ctx)) // a server that ends is no reason to let something pass
	}()
	return judged
}

// isRepeat reports whether the client_message_id is known to have been used. It is asked before what takes long.
func (s *Service) isRepeat(ctx context.Context, m *domain.SendMessage) bool {
	if m.ClientMessageID == "" {
		return false
	}
	holder, err := s.log.Holder(ctx, domain.SendKey(m.Actor.ID, m.ClientMessageID))
	return err == nil && holder > 0
}

// target makes messages to one direct conversation share a lane, however they name it, before and
// after it exists: it is the other user, and for a group the conversation.
func (s *Service) target(c Send) (target domain.ID) {
	if !c.ReceiverID.IsZero() {
		return c.ReceiverID
	}
	target = c.ConversationID
	s.view.Read(func(state *domain.State) {
		if conv := state.Conversation(c.ConversationID); conv != nil && conv.Direct {
			target = conv.Other(c.Actor.ID)
		}
	})
	return target
}

// repeated answers a message that was not stored: with the first result if its
// client_message_id was used before, else with its refusal. It asks the database, so it does
// not hold up the lane.
func (s *Service) repeated(ctx context.Context, c Send, a *attempt, done func(Sent, error)) {
	holder := a.result.Duplicate
	if holder == 0 && (!isRefusal(a.err) || c.ClientMessageID == "") {
		done(Sent{}, a.err)
		return
	}
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		if holder == 0 {
			var err error
			if holder, err = s.log.Holder(ctx, domain.SendKey(c.Actor.ID, c.ClientMessageID)); err != nil {
				done(Sent{}, err)
				return
			}
			if holder == 0 {
				done(Sent{}, a.err)
				return
			}
		}
		done(s.first(ctx, c, holder))
	}()
}

// first finds what the first command with this client_message_id led to. Before the message there may be the start of its
// conversation and the guard's reasons.
func (s *Service) first(ctx context.Context, c Send, holder domain.Position) (Sent, error) {
	events, err := s.log.At(ctx, holder, holder+1, holder+2)
	if err != nil {
		return Sent{}, err
	}
	for _, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			return Sent{}, err
		}
		same := false
		switch m := data.(type) {
		case *domain.MessageSent:
			same = repeats(c, m)
		case *domain.MessageBlocked:
			same = s.repeatsBlocked(c, m)
		default:
			continue
		}
		if !same {
			return Sent{}, &domain.Refusal{
				Code: domain.InvalidField, Field: "client_message_id",
				Message: "this client_message_id was used for another message: choose a new one",
			}
		}
		return s.sent(e, true)
	}
	return Sent{}, fmt.Errorf("no message at %d, which holds the key of one", holder)
}

// repeats reports whether c is m again: the same conversation, however it was named, and the same
// content. Of erased content nothing is left to compare.
func repeats(c Send, m *domain.MessageSent) bool {
	if c.ReceiverID.IsZero() {
		if c.ConversationID != m.ConversationID {
			return false
		}
	} else if m.ReceiverID == nil || *m.ReceiverID != c.ReceiverID {
		return false
	}
	return m.SenderID == c.Actor.ID && (m.Erased || m.Content == c.Content)
}

// repeatsBlocked is repeats for a message that was blocked, maybe before its conversation existed.
func (s *Service) repeatsBlocked(c Send, m *domain.MessageBlocked) bool {
	target := m.ReceiverID
	if target == nil {
		target = m.ConversationID
	}
	return s.target(c) == *target && m.SenderID == c.Actor.ID && (m.Erased || m.Content == c.Content)
}

// sent is the answer to a message that is stored: a *Blocked as error where the guard kept it back.
func (s *Service) sent(e domain.Event, duplicate bool) (Sent, error) {
	data, err := domain.Decode(e)
	if err != nil {
		return Sent{}, err
	}
	switch m := data.(type) {
	case *domain.MessageBlocked:
		return Sent{}, s.blocked(e, m)
	case *domain.MessageSent:
		sent := Sent{
			MessageID: m.MessageID, ConversationID: m.ConversationID, Seq: e.Version, Position: e.Position,
			ContentHash: m.ContentHash, Salt: m.Salt, Erased: m.Erased, RiskScore: m.RiskScore,
			At: e.RecordedAt, Duplicate: duplicate,
		}
		if m.ClientMessageID != nil {
			sent.ClientMessageID = *m.ClientMessageID
		}
		return sent, nil
	}
	return Sent{}, fmt.Errorf("a %s at %d where a message was sent", e.Type, e.Position)
}
