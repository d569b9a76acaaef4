package httpapi

import (
	"context"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/transport/command"
)

type taskStatusBody struct {
	Status domain.TaskStatus `json:"status" doc:"a string: how it stands from now on" enum:"open,in_progress,in_review,done,cancelled"`
}

// changeTaskStatus answers with how the task stands by this very change, whatever follows it. All that this needs is read
// before the change, so that no failure afterwards denies what was done.
func (a *api) changeTaskStatus(ctx context.Context, c *call, in *struct {
	ID   domain.ID `path:"id"`
	Body payload[taskStatusBody]
}) (*answer[task], error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	var (
		t       task
		changed command.StatusChange
	)
	err = a.change(c, func() (_ command.Done, err error) {
		if t, err = a.taskAsMade(ctx, in.ID); err != nil {
			return command.Done{}, err
		}
		changed, err = a.Commands.ChangeTaskStatus(ctx, c.actor, in.ID, body.Status)
		return changed.Done, err
	})
	if err != nil {
		return nil, err
	}
	if changed.Data != nil {
		t.stand(changed.Data, changed.At)
		return ok(t), nil
	}
	if err := a.addLastStatus(ctx, &t); err != nil { // nothing was stored: to say so is true
		return nil, err
	}
	return ok(t), nil
}

// taskAsMade describes a task by the first event of its stream, which never changes. Of a task that does not exist it has
// nothing, and no error: whoever changes that one is refused.
func (a *api) taskAsMade(ctx context.Context, id domain.ID) (task, error) {
	first, err := a.Log.ReadStream(ctx, domain.TaskStream(id), 0, 1)
	if err != nil || len(first) == 0 {
		return task{}, err
	}
	data, err := domain.Decode(first[0])
	if err != nil {
		return task{}, err
	}
	made, is := data.(*domain.TaskCreated)
	if !is {
		return task{}, fmt.Errorf("stream %s begins with a %s", first[0].Stream, first[0].Type)
	}
	return newTask(command.Made[*domain.TaskCreated]{Data: made, Position: first[0].Position, At: first[0].RecordedAt}), nil
}

// stand lets a task stand as a change left it.
func (t *task) stand(d *domain.TaskStatusChanged, at time.Time) {
	t.Status, t.UpdatedBy, t.UpdatedAt = d.Status, d.ChangedBy, instant(at)
}

// addLastStatus lets a task stand as the last event of its stream says, if that is a change.
func (a *api) addLastStatus(ctx context.Context, t *task) error {
	last, err := a.Log.Last(ctx, domain.TaskStream(t.ID))
	if err != nil || last == nil {
		return err
	}
	data, err := domain.Decode(*last)
	if err != nil {
		return err
	}
	if d, changed := data.(*domain.TaskStatusChanged); changed {
		t.stand(d, last.RecordedAt)
	}
	return nil
}
