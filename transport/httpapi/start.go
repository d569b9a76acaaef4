package httpapi

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"chainmail/domain"
)

type startBody struct {
	ParticipantIDs []domain.ID `json:"participant_ids" doc:"a list of UUIDs: who takes part besides oneself" nullable:"false" minItems:"1" maxItems:"1000"`
	Title          string      `json:"title,omitempty" doc:"a string: what the group is called, at most 200 bytes of UTF-8" maxLength:"200" example:"Lunch"`
}

func (a *api) start(ctx context.Context, c *call, in *making[startBody]) (*answer[conversation], error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	if err := checkKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	if err := a.allow(a.Limits.Changes, c, 1); err != nil {
		return nil, err
	}
	id, done, err := a.Commands.Start(ctx, c.actor, body.ParticipantIDs, body.Title, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	if !done.Changed { // the direct conversation of the two, or what the key stands for: as it is now
		found, err := a.oneConversation(ctx, c, id)
		if err != nil {
			return nil, err
		}
		return ok(found), nil
	}
	started, err := a.started(ctx, c, id, body.Title, done.Position)
	if err != nil {
		return nil, err
	}
	c.at(done.Position)
	return created(started), nil
}

// started describes a new conversation without its row, so that tables that stand still, or are away, do not turn
// something that was done into an error.
func (a *api) started(
	ctx context.Context, c *call, id domain.ID, title string, at domain.Position,
) (conversation, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := a.View.Wait(waiting, at); err != nil {
		return conversation{}, fmt.Errorf("show conversation %s, which was started: %v", id, err)
	}
	result := conversation{ID: id}
	if title != "" {
		result.Title = &title
	}
	var ids []domain.ID
	a.View.Read(func(s *domain.State) {
		conv := s.Conversation(id)
		result.Direct, result.CreatedAt = conv.Direct, instant(conv.StartedAt)
		ids = conv.AppendPresent(nil, at)
	})
	err := a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) (err error) {
		result.Participants, err = a.usersByID(ctx, tx, c, ids)
		if err == nil && len(result.Participants) < len(ids) {
			return notFound(&domain.Refusal{Code: domain.UserNotFound, Message: "a participant is not there yet"})
		}
		return err
	})
	if err != nil {
		a.Logger.LogAttrs(ctx, slog.LevelWarn, "a conversation is shown without the names of its participants",
			slog.String("request_id", requestID(ctx)), slog.Any("error", err))
		result.Participants = make([]User, len(ids))
		for i, id := range ids {
			result.Participants[i].ID = id
		}
	}
	return result, nil
}
