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
// error is a *domain.Refusal, or one of the log's. ctx ends with the server, not with the
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
	s.enter(ctx, laneKey{c.Actor.ID, s.target(c)}, job{attempt: a, done: func(a *attempt) {
		if len(a.result.Events) > 0 {
			done(sent(a.result.Events[len(a.result.Events)-1], false))
			return
		}
		s.repeated(ctx, c, a, done)
	}})
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

// first finds what the first command with this client_message_id led to. Its first event may be
// the start of the conversation; the message is the one after it.
func (s *Service) first(ctx context.Context, c Send, holder domain.Position) (Sent, error) {
	events, err := s.log.At(ctx, holder, holder+1)
	if err != nil {
		return Sent{}, err
	}
	for _, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			return Sent{}, err
		}
		m, ok := data.(*domain.MessageSent)
		if !ok {
			continue
		}
		if !repeats(c, m) {
			return Sent{}, &domain.Refusal{
				Code: domain.InvalidField, Field: "client_message_id",
				Message: "this client_message_id was used for another message: choose a new one",
			}
		}
		return sent(e, true)
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

func sent(e domain.Event, duplicate bool) (Sent, error) {
	data, err := domain.Decode(e)
	if err != nil {
		return Sent{}, err
	}
	m, ok := data.(*domain.MessageSent)
	if !ok {
		return Sent{}, fmt.Errorf("a %s at %d where a message was sent", e.Type, e.Position)
	}
	s := Sent{
		MessageID: m.MessageID, ConversationID: m.ConversationID, Seq: e.Version, Position: e.Position,
		ContentHash: m.ContentHash, Salt: m.Salt, Erased: m.Erased, RiskScore: m.RiskScore,
		At: e.RecordedAt, Duplicate: duplicate,
	}
	if m.ClientMessageID != nil {
		s.ClientMessageID = *m.ClientMessageID
	}
	return s, nil
}
