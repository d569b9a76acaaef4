package command

import (
	"context"
	"fmt"

	"chainmail/domain"
)

// Release sends a blocked message after all, under a new id, for an admin. Once it was released, or its content
// erased, it is a Conflict, and also when its sender could not send it any more.
func (s *Service) Release(ctx context.Context, actor domain.Actor, message domain.ID) (Sent, error) {
	c := domain.ReleaseMessage{Actor: actor, MessageID: newID(), NewConversationID: newID()}
	var err error
	if c.Blocked, c.Position, err = s.findBlocked(ctx, message); err != nil {
		return Sent{}, err
	}
	a := attempt{
		decide: func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.Release(c) },
		again:  func(taken domain.Key) bool { return taken != domain.ReleaseKey(message) },
	}
	s.doAll(ctx, []*attempt{&a})
	switch n := len(a.result.Events); {
	case a.err != nil:
		return Sent{}, a.err
	case n == 0: // the key is taken
		return Sent{}, &domain.Refusal{
			Code: domain.Conflict, Field: "id", Message: "this message was released already, or its content was erased",
		}
	default:
		return s.sent(a.result.Events[n-1], false)
	}
}

// findBlocked reads a blocked message from the log.
func (s *Service) findBlocked(ctx context.Context, id domain.ID) (*domain.MessageBlocked, domain.Position, error) {
	found, err := s.find(ctx, []domain.ID{id})
	if err != nil {
		return nil, 0, err
	}
	ref, ok := found[id]
	if !ok || !ref.Blocked {
		return nil, 0, &domain.Refusal{Code: domain.MessageNotFound, Field: "id", Message: "there is no blocked message " + id.String()}
	}
	events, err := s.log.At(ctx, ref.Position)
	if err != nil {
		return nil, 0, err
	}
	if len(events) == 1 {
		data, err := domain.Decode(events[0])
		if err != nil {
			return nil, 0, err
		}
		if m, ok := data.(*domain.MessageBlocked); ok {
			return m, ref.Position, nil
		}
	}
	return nil, 0, fmt.Errorf("no blocked message at %d, where %s should be", ref.Position, id)
}
