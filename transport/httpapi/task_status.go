package httpapi

import (
	"context"
	"fmt"
	"log/slog"

	"chainmail/domain"
	"chainmail/transport/command"
)

type taskStatusBody struct {
	Status domain.TaskStatus `json:"status" doc:"a string: how it stands from now on" enum:"open,in_progress,in_review,done,cancelled"`
}

func (a *api) changeTaskStatus(ctx context.Context, c *call, in *struct {
	ID   domain.ID `path:"id"`
	Body payload[taskStatusBody]
}) (*answer[task], error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	err = a.change(c, func() (command.Done, error) {
		return a.Commands.ChangeTaskStatus(ctx, c.actor, in.ID, body.Status)
	})
	if err != nil {
		return nil, err
	}
	changed, err := a.taskInLog(ctx, in.ID)
	if err != nil {
		a.Logger.LogAttrs(ctx, slog.LevelWarn, "a task whose status was changed cannot be shown",
			slog.String("request_id", requestID(ctx)), slog.Any("error", err))
		return nil, unavailable("the task's status is what you wished for, but the task cannot be shown now: ask for it again")
	}
	return ok(changed), nil
}

// taskInLog reads a task from its own stream, which has what the tables will have.
func (a *api) taskInLog(ctx context.Context, id domain.ID) (task, error) {
	stream := domain.TaskStream(id)
	first, err := a.Log.ReadStream(ctx, stream, 0, 1)
	if err != nil {
		return task{}, err
	}
	last, err := a.Log.Last(ctx, stream)
	if err != nil {
		return task{}, err
	}
	if len(first) == 0 || last == nil {
		return task{}, fmt.Errorf("stream %s is empty", stream)
	}
	data, err := domain.Decode(first[0])
	if err != nil {
		return task{}, err
	}
	made, is := data.(*domain.TaskCreated)
	if !is {
		return task{}, fmt.Errorf("stream %s begins with a %s", stream, first[0].Type)
	}
	t := newTask(command.Made[*domain.TaskCreated]{Data: made, Position: first[0].Position, At: first[0].RecordedAt})
	if data, err = domain.Decode(*last); err != nil {
		return task{}, err
	}
	if d, changed := data.(*domain.TaskStatusChanged); changed {
		t.Status, t.UpdatedBy, t.UpdatedAt = d.Status, d.ChangedBy, instant(last.RecordedAt)
	}
	return t, nil
}
