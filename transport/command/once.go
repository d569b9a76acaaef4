package command

import (
	"context"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
)

// Made is what was made: now, or when its idempotency_key was first used.
type Made[T domain.Data] struct {
	Data      T
	Position  domain.Position
	Last      domain.Position // of the last event of the same commit; of a repeat the log's head
	At        time.Time
	Duplicate bool // nothing was stored now
}

// request is the wish to make something once: what a user's idempotency_key of this kind stands for, if there is one.
type request struct {
	kind  domain.Type
	actor domain.ID
	key   string       // empty for none
	admit func() error // what is to be asked before it is made; nil for nothing
}

// once makes something, or finds what the first request with the same key has made, whatever would be thought of it now.
// That has to be the same, else it is an InvalidField.
func once[T domain.Data](
	ctx context.Context, s *Service, r request, same func(T) bool,
	decide func(*domain.State) (domain.Decision, *domain.Refusal),
) (Made[T], error) {
	if r.key != "" {
		holder, err := s.log.Holder(ctx, domain.RequestKey(r.kind, r.actor, r.key))
		if err != nil || holder > 0 {
			return repeated(ctx, s, holder, same, err)
		}
	}
	if r.admit != nil {
		if err := r.admit(); err != nil {
			return Made[T]{}, err
		}
	}
	a := attempt{decide: decide}
	s.doAll(ctx, []*attempt{&a})
	if n := len(a.result.Events); n > 0 {
		return madeBy[T](a.result.Events[0], a.result.Events[n-1].Position)
	}
	return repeated(ctx, s, a.result.Duplicate, same, a.err)
}

// repeated finds what was made at a position, if there was no error.
func repeated[T domain.Data](
	ctx context.Context, s *Service, holder domain.Position, same func(T) bool, err error,
) (Made[T], error) {
	if err != nil {
		return Made[T]{}, err
	}
	events, err := s.log.At(ctx, holder)
	if err != nil {
		return Made[T]{}, err
	}
	if len(events) != 1 {
		return Made[T]{}, fmt.Errorf("%w: position %d", eventstore.ErrUnavailable, holder)
	}
	first, err := madeBy[T](events[0], max(holder, s.log.Head()))
	if err != nil {
		return Made[T]{}, err
	}
	if !same(first.Data) {
		return Made[T]{}, &domain.Refusal{
			Code: domain.InvalidField, Field: "idempotency_key",
			Message: "this key was used for something else: choose a new one",
		}
	}
	first.Duplicate = true
	return first, nil
}

func madeBy[T domain.Data](e domain.Event, last domain.Position) (Made[T], error) {
	data, err := domain.Decode(e)
	if err != nil {
		return Made[T]{}, err
	}
	made, ok := data.(T)
	if !ok {
		return Made[T]{}, fmt.Errorf("a %s at %d where something else was made", e.Type, e.Position)
	}
	return Made[T]{Data: made, Position: e.Position, Last: last, At: e.RecordedAt}, nil
}

// fresh makes the id and the salt of something that follows from a command.
func fresh() (domain.ID, domain.Salt) { return newID(), newSalt() }
