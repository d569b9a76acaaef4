package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/judge"
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

// Send takes a message and returns at once, save that for a conversation that the view does not know it first brings the view to the
// log's head, within freshTimeout. begin is called first, in this goroutine, with the id
// that the message will have if it is stored; done once it is durable or refused, in another. The
// error is a *Blocked, a *domain.Refusal, or one of the log's. ctx ends with the server, not with the
// connection: what was taken is brought to its end.
func (s *Service) Send(ctx context.Context, c Send, begin func(message domain.ID), done func(Sent, error)) {
	m := &domain.SendMessage{
		Actor: c.Actor, ConversationID: c.ConversationID, ReceiverID: c.ReceiverID,
		Content: c.Content, ClientMessageID: c.ClientMessageID,
		MessageID: newID(), NewConversationID: newID(), Salt: newSalt(),
	}
	begin(m.MessageID)
	a := &attempt{
		decide: func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.Send(*m) },
		again: func(taken domain.Key) bool {
			return !c.ReceiverID.IsZero() && taken == domain.DirectKey(c.Actor.ID, c.ReceiverID)
		},
	}
	j := job{attempt: a, done: func(a *attempt) {
		if len(a.result.Events) > 0 {
			done(s.sent(a.result.Events[len(a.result.Events)-1], false))
			return
		}
		s.repeated(ctx, c, a, done)
	}}
	a.trace = s.traces.Begin(ctx)
	key := laneKey{user: c.Actor.ID}
	if key.target, a.err = s.lookUp(ctx, c); a.err != nil {
		s.work.Go(func() { j.done(a) })
		return
	}
	if s.judge != nil {
		a.trace.Judging()
	}
	look, open := s.look(ctx, m)
	a.trace.Judged()
	var judged chan struct{}
	if open {
		judged = make(chan struct{})
		j.judged = judged
	}
	if !s.enter(ctx, key, maxSends, j) {
		a.err = errFull("messages")
		s.work.Go(func() { j.done(a) })
		return
	}
	if open {
		s.work.Go(func() {
			s.ask(ctx, look, m, a)
			a.trace.Judged()
			close(judged) // not deferred: what panics ends the process, and must not let an unjudged message pass before
		})
	}
}

// look judges a message. It sets the verdict unless the case is open: then a language model has to be asked.
func (s *Service) look(ctx context.Context, m *domain.SendMessage) (look judge.Case, open bool) {
	if s.judge == nil || domain.CheckContent(m.Content) != nil {
		return look, false // the decision refuses bad content
	}
	look = s.judge.Look(m.Actor.ID, m.Content)
	if look.Open() {
		return look, true
	}
	m.Verdict, _ = look.Settle(ctx) // no error: nothing is waited for
	return look, false
}

// ask sets the verdict of an open case. A language model is not asked about what will not be stored.
func (s *Service) ask(ctx context.Context, look judge.Case, m *domain.SendMessage, a *attempt) {
	if s.isRepeat(ctx, m) {
		return // its key is taken for good: the log answers with the first result, whatever the verdict
	}
	refusal := s.refusal(ctx, a)
	if refusal == nil {
		var err error
		if m.Verdict, err = look.Settle(ctx); err == nil {
			return
		}
		refusal = errUnjudged()
	}
	a.decide = func(*domain.State) (domain.Decision, *domain.Refusal) {
		return domain.Decision{}, refusal // also if it could be sent by now: nobody has judged it
	}
}

// refusal is why a command cannot be done, on a state that includes all that its sender can have seen; nil if it can, and if
// there is no such state.
func (s *Service) refusal(ctx context.Context, a *attempt) (r *domain.Refusal) {
	trial := &attempt{decide: a.decide}
	s.decide(ctx, []*attempt{trial})
	errors.As(trial.err, &r)
	return r
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
// after it exists: it is the other user, and for a group the conversation. known is false where the view has no such conversation.
func (s *Service) target(c Send) (target domain.ID, known bool) {
	if !c.ReceiverID.IsZero() {
		return c.ReceiverID, true
	}
	target = c.ConversationID
	s.view.Read(func(state *domain.State) {
		conv := state.Conversation(c.ConversationID)
		known = conv != nil
		if known && conv.Direct && conv.Has(c.Actor.ID) {
			target = conv.Other(c.Actor.ID)
		}
	})
	return target, known
}

// lookUp is target on a view that knows every conversation of which the sender can have heard: answers run ahead of the view.
func (s *Service) lookUp(ctx context.Context, c Send) (domain.ID, error) {
	target, known := s.target(c)
	if known {
		return target, nil
	}
	ctx, cancel := context.WithTimeout(ctx, freshTimeout)
	defer cancel()
	if err := s.catchUp(ctx); err != nil {
		return target, fmt.Errorf("%w: look a conversation up: %w", eventstore.ErrUnavailable, err)
	}
	target, _ = s.target(c)
	return target, nil
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
// conversation and the guard's reasons. It is the same one to the same people, however c names them, with the same content; of
// erased content nothing is left to compare.
func (s *Service) first(ctx context.Context, c Send, holder domain.Position) (Sent, error) {
	if err := s.wait(ctx, holder); err != nil { // so that target knows the conversation
		return Sent{}, err
	}
	events, err := s.log.At(ctx, holder, holder+1, holder+2)
	if err != nil {
		return Sent{}, err
	}
	for _, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			return Sent{}, err
		}
		target, _ := s.target(c)
		var same bool
		switch m := data.(type) {
		case *domain.MessageSent:
			same = *cmp.Or(m.ReceiverID, &m.ConversationID) == target && (m.Erased || m.Content == c.Content)
		case *domain.MessageBlocked: // maybe before its conversation existed
			same = *cmp.Or(m.ReceiverID, m.ConversationID) == target && (m.Erased || m.Content == c.Content)
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
