package command

import (
	"context"
	"time"

	"chainmail/domain"
)

// CreateProject makes a project and notifies every other active member. The title is judged.
func (s *Service) CreateProject(
	ctx context.Context, actor domain.Actor, title, idempotencyKey string,
) (Made[*domain.ProjectCreated], error) {
	c := domain.CreateProject{
		Actor: actor, ID: newID(), Title: title, Salt: newSalt(), IdempotencyKey: idempotencyKey, Fresh: fresh,
	}
	r := request{domain.TypeProjectCreated, actor.ID, idempotencyKey, func() error { return s.admitTitle(ctx, actor, title) }}
	return once(ctx, s, r,
		func(first *domain.ProjectCreated) bool { return first.Title == title },
		func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.CreateProject(c) })
}

// Task is a task on its way in.
type Task struct {
	ProjectID, FreelancerID domain.ID
	Title                   string
}

// CreateTask makes an open task and notifies its freelancer. The title is judged.
func (s *Service) CreateTask(
	ctx context.Context, actor domain.Actor, t Task, idempotencyKey string,
) (Made[*domain.TaskCreated], error) {
	c := domain.CreateTask{
		Actor: actor, ID: newID(), ProjectID: t.ProjectID, FreelancerID: t.FreelancerID, Title: t.Title,
		Salt: newSalt(), IdempotencyKey: idempotencyKey, Fresh: fresh,
	}
	r := request{domain.TypeTaskCreated, actor.ID, idempotencyKey, func() error { return s.admitTitle(ctx, actor, t.Title) }}
	return once(ctx, s, r,
		func(first *domain.TaskCreated) bool {
			return Task{first.ProjectID, first.FreelancerID, first.Title} == t
		},
		func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.CreateTask(c) })
}

// StatusChange is what became of a wish that a task stands otherwise.
type StatusChange struct {
	Done
	Data *domain.TaskStatusChanged // nil when nothing changed
	At   time.Time                 // when it changed
}

// ChangeTaskStatus changes how a task stands, and notifies its freelancer and the project's author.
func (s *Service) ChangeTaskStatus(
	ctx context.Context, actor domain.Actor, task domain.ID, status domain.TaskStatus,
) (StatusChange, error) {
	c := domain.ChangeTaskStatus{Actor: actor, TaskID: task, Status: status, Fresh: fresh}
	a := attempt{decide: func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.ChangeTaskStatus(c) }}
	s.doAll(ctx, []*attempt{&a})
	change := StatusChange{Done: done(&a)}
	if a.err != nil || !change.Changed {
		return change, a.err
	}
	first := a.result.Events[0]
	data, err := domain.Decode(first)
	if err != nil {
		return change, err
	}
	change.Data, change.At = data.(*domain.TaskStatusChanged), first.RecordedAt
	return change, nil
}

// admitTitle refuses a title that is too long, or that the guard blocks.
func (s *Service) admitTitle(ctx context.Context, actor domain.Actor, title string) error {
	if r := domain.CheckTitle(title); r != nil { // what is too long is not judged either
		return r
	}
	return s.judgeText(ctx, actor.ID, "title", title)
}
