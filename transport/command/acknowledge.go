package command

import (
	"context"
	"errors"

	"chainmail/domain"
)

// Acknowledge is the wish to say that messages were delivered, or read.
type Acknowledge struct {
	Actor    domain.Actor
	Messages []domain.ID
	Read     bool
	Field    string // of the request, that names the messages: for a refusal
}

// Acknowledge takes receipts for messages and returns at once. each is called for each of them when it is
// durable or refused, with the receipt's position; 0 when none was stored. After all of them done is
// called, with the first refusal or error; what could be stored was stored. Repeats are no error and store
// nothing. Neither may block.
func (s *Service) Acknowledge(
	ctx context.Context, c Acknowledge, each func(message domain.ID, at domain.Position), done func(error),
) {
	known := make([]domain.MessageRef, 0, len(c.Messages))
	var unknown []domain.ID
	for _, id := range c.Messages {
		if ref, ok := s.view.Message(id); ok {
			known = append(known, ref)
		} else {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		s.acknowledge(ctx, &c, known, nil, each, done)
		return
	}
	s.work.Add(1)
	go func() { // asks the database, so it must not hold up the socket
		defer s.work.Done()
		found, err := s.find(ctx, unknown)
		for _, id := range unknown {
			if ref, ok := found[id]; ok {
				known = append(known, ref)
				continue
			}
			each(id, 0)
			if err == nil {
				err = c.notFound(id)
			}
		}
		s.acknowledge(ctx, &c, known, err, each, done)
	}()
}

// notFound says which of the messages there is not.
func (c *Acknowledge) notFound(message domain.ID) *domain.Refusal {
	return &domain.Refusal{
		Code: domain.MessageNotFound, Field: c.Field,
		Message: "there is no message " + message.String() + " to you",
	}
}

func (s *Service) acknowledge(
	ctx context.Context, c *Acknowledge, refs []domain.MessageRef, err error,
	each func(domain.ID, domain.Position), done func(error),
) {
	left := len(refs)
	if left == 0 {
		done(err)
		return
	}
	jobs := make([]job, 0, len(refs))
	for _, ref := range refs {
		one := domain.Acknowledge{Actor: c.Actor, Message: ref, Read: c.Read}
		jobs = append(jobs, job{
			attempt: &attempt{decide: func(state *domain.State) (domain.Decision, *domain.Refusal) {
				return state.Acknowledge(one)
			}, trace: s.traces.Begin(ctx)},
			done: func(a *attempt) { // the jobs of a lane end one after the other
				at := domain.Position(0)
				if len(a.result.Events) > 0 {
					at = a.result.Events[0].Position
				}
				each(ref.ID, at)
				switch {
				case err != nil:
				case errors.Is(a.err, &domain.Refusal{Code: domain.MessageNotFound}):
					err = c.notFound(ref.ID)
				default:
					err = a.err
				}
				if left--; left == 0 {
					done(err)
				}
			},
		})
	}
	if s.enter(ctx, laneKey{user: c.Actor.ID}, maxReceipts, jobs...) {
		return
	}
	for _, ref := range refs {
		each(ref.ID, 0)
	}
	done(errFull("receipts"))
}

// find looks for messages that are not recent, first among what is there, then again once
// everything that anybody can have seen is there.
func (s *Service) find(ctx context.Context, ids []domain.ID) (map[domain.ID]domain.MessageRef, error) {
	found, err := s.messages.Find(ctx, ids, 0)
	if err != nil || len(found) == len(ids) {
		return found, err
	}
	head, err := s.log.Fresh(ctx)
	if err != nil {
		return found, err
	}
	if err := s.wait(ctx, head); err != nil {
		return found, err
	}
	var missing []domain.ID
	for _, id := range ids {
		if ref, ok := s.view.Message(id); ok {
			found[id] = ref
		} else if _, ok := found[id]; !ok {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	late, err := s.messages.Find(ctx, missing, head)
	for id, ref := range late {
		found[id] = ref
	}
	return found, err
}
