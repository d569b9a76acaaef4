package command

import (
	"context"

	"chainmail/domain"
)

// Done is where a command left the log: at which position its last event is, or, when there was
// nothing to append, how far the log was.
type Done struct {
	Position domain.Position
	Changed  bool // something was appended
}

// Start starts a conversation and returns its id. Who has a direct conversation with the other
// already gets that one, and who repeats an idempotency_key (empty for none) what its first request
// has started, with nothing changed. With other participants or another title that is an InvalidField.
func (s *Service) Start(
	ctx context.Context, actor domain.Actor, participants []domain.ID, title, idempotencyKey string,
) (domain.ID, Done, error) {
	c := domain.StartConversation{
		Actor: actor, ID: newID(), ParticipantIDs: participants, Title: title, Salt: newSalt(), IdempotencyKey: idempotencyKey,
	}
	request := domain.RequestKey(domain.TypeConversationStarted, actor.ID, idempotencyKey)
	if idempotencyKey != "" {
		holder, err := s.log.Holder(ctx, request)
		if err != nil || holder > 0 {
			return s.startedBefore(ctx, c, holder, err)
		}
	}
	if title != "" {
		if err := s.admitTitle(ctx, actor, title); err != nil {
			return domain.ID{}, Done{}, err
		}
	}
	var id domain.ID
	a := attempt{
		decide: func(state *domain.State) (d domain.Decision, r *domain.Refusal) {
			d, id, r = state.Start(c)
			return d, r
		},
		again: func(taken domain.Key) bool { return taken != request }, // else the other has opened the direct conversation
	}
	s.doAll(ctx, []*attempt{&a})
	if a.err == nil && a.result.Duplicate > 0 {
		return s.startedBefore(ctx, c, a.result.Duplicate, nil)
	}
	return id, done(&a), a.err
}

// startedBefore finds what an idempotency_key has started, if there was no error.
func (s *Service) startedBefore(
	ctx context.Context, c domain.StartConversation, holder domain.Position, err error,
) (domain.ID, Done, error) {
	first, err := repeated(ctx, s, holder, c.Made, err)
	if err != nil {
		return domain.ID{}, Done{}, err
	}
	return first.Data.ConversationID, Done{Position: first.Last}, nil
}

// Add brings a user into a group.
func (s *Service) Add(ctx context.Context, actor domain.Actor, conversation, user domain.ID) (Done, error) {
	return s.simple(ctx, func(state *domain.State) (domain.Decision, *domain.Refusal) {
		return state.Add(domain.AddParticipant{Actor: actor, ConversationID: conversation, UserID: user})
	})
}

// Remove takes a user out of a group; the actor himself may leave.
func (s *Service) Remove(ctx context.Context, actor domain.Actor, conversation, user domain.ID) (Done, error) {
	return s.simple(ctx, func(state *domain.State) (domain.Decision, *domain.Refusal) {
		return state.Remove(domain.RemoveParticipant{Actor: actor, ConversationID: conversation, UserID: user})
	})
}

// Block makes the actor unreachable for a user's direct messages, and the other way round.
func (s *Service) Block(ctx context.Context, actor domain.Actor, user domain.ID) (Done, error) {
	return s.simple(ctx, func(state *domain.State) (domain.Decision, *domain.Refusal) {
		return state.Block(domain.BlockUser{Actor: actor, UserID: user})
	})
}

// Unblock takes a Block back.
func (s *Service) Unblock(ctx context.Context, actor domain.Actor, user domain.ID) (Done, error) {
	return s.simple(ctx, func(state *domain.State) (domain.Decision, *domain.Refusal) {
		return state.Unblock(domain.BlockUser{Actor: actor, UserID: user})
	})
}

// Erase erases a message's content, for the sender or an admin.
func (s *Service) Erase(
	ctx context.Context, actor domain.Actor, message domain.ID, reason domain.Reason,
) (Done, error) {
	ref, ok := s.view.Message(message)
	if !ok {
		found, err := s.find(ctx, []domain.ID{message})
		if err != nil {
			return Done{}, err
		}
		if ref, ok = found[message]; !ok {
			return Done{}, &domain.Refusal{Code: domain.MessageNotFound, Message: "there is no such message"}
		}
	}
	c := domain.EraseContent{Actor: actor, Message: ref, Reason: reason}
	a := attempt{
		decide: func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.Erase(c) },
		again: func(taken domain.Key) bool {
			if taken == domain.ReleaseKey(message) {
				return true // it was released meanwhile: then both places are to be erased
			}
			c.Gone = append(c.Gone, taken)
			return s.hasTwin(message) // a server of the release before erased one of the two: then the other is left
		},
	}
	s.doAll(ctx, []*attempt{&a})
	return done(&a), a.err
}

func (s *Service) hasTwin(message domain.ID) (has bool) {
	s.view.Read(func(state *domain.State) { _, has = state.Twin(message) })
	return has
}

// Register makes an account with a given id (zero: a fresh one) and returns the id. A taken id or
// wallet is a Conflict.
func (s *Service) Register(ctx context.Context, c domain.RegisterUser) (domain.ID, error) {
	if r := domain.CheckName(c.Name); r != nil {
		return domain.ID{}, r
	}
	if err := s.judgeText(ctx, c.Actor.ID, "name", c.Name); err != nil {
		return domain.ID{}, err
	}
	return s.register(ctx, c)
}

// register makes an account whose name has been judged, or need not be.
func (s *Service) register(ctx context.Context, c domain.RegisterUser) (domain.ID, error) {
	if c.UserID.IsZero() {
		c.UserID = newID()
	}
	c.Salt = newSalt()
	result, err := s.do(ctx, func(state *domain.State) (domain.Decision, *domain.Refusal) {
		return state.Register(c)
	})
	if err != nil {
		return domain.ID{}, err
	}
	if result.Duplicate > 0 {
		refusal := &domain.Refusal{Code: domain.Conflict, Field: "wallet", Message: "this wallet address belongs to another user"}
		if result.DuplicateKey == domain.UserKey(c.UserID) {
			refusal = &domain.Refusal{Code: domain.Conflict, Field: "id", Message: "there is a user " + c.UserID.String() + " already"}
		}
		return domain.ID{}, refusal
	}
	return c.UserID, nil
}

// Deactivate ends an account for good.
func (s *Service) Deactivate(ctx context.Context, actor domain.Actor, user domain.ID) (Done, error) {
	return s.simple(ctx, func(state *domain.State) (domain.Decision, *domain.Refusal) {
		return state.Deactivate(domain.DeactivateUser{Actor: actor, UserID: user})
	})
}

func (s *Service) simple(
	ctx context.Context, decide func(*domain.State) (domain.Decision, *domain.Refusal),
) (Done, error) {
	a := attempt{decide: decide}
	s.doAll(ctx, []*attempt{&a})
	return done(&a), a.err
}

func done(a *attempt) Done {
	if n := len(a.result.Events); n > 0 {
		return Done{Position: a.result.Events[n-1].Position, Changed: true}
	}
	return Done{Position: a.result.Head}
}
