package httpapi

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/command"
)

// task is a piece of a project, done by a freelancer.
type task struct {
	ID           domain.ID         `json:"id"`
	ProjectID    domain.ID         `json:"project_id"`
	Title        string            `json:"title"`
	Status       domain.TaskStatus `json:"status" doc:"how it stands" enum:"open,in_progress,in_review,done,cancelled"`
	AuthorID     domain.ID         `json:"author_id" doc:"of the project"`
	FreelancerID domain.ID         `json:"freelancer_id" doc:"who is to do it"`
	CreatedBy    domain.ID         `json:"created_by"`
	CreatedAt    instant           `json:"created_at"`
	UpdatedBy    domain.ID         `json:"updated_by" doc:"who last changed the status"`
	UpdatedAt    instant           `json:"updated_at" doc:"when the status last changed"`
	Position     int64             `json:"position" doc:"of the event that made it"`
}

func (t task) at() int64 { return t.Position }

func (a *api) tasks() {
	tags := []string{"projects"}
	refusals := []int{http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests}
	registerFrom(a, a.fromTasks(), huma.Operation{
		OperationID: "create-task", Method: http.MethodPost, Path: "/api/tasks", Tags: tags,
		Summary:       "Add a task to a project",
		Description:   "For the project's author, admins and services. The task is open, and its freelancer is notified.",
		DefaultStatus: http.StatusCreated,
		Responses:     orElse[task](a),
		Errors:        refusals,
	}, a.createTask)
	orBlocked[BlockedText](a, "/api/tasks")
	registerFrom(a, a.fromTasks(), huma.Operation{
		OperationID: "list-tasks", Method: http.MethodGet, Path: "/api/tasks", Tags: tags,
		Summary:     "The tasks that one sees, newest first",
		Description: "Those of one's own projects and those that one is to do; admins and services see all.",
		Errors:      []int{http.StatusUnprocessableEntity},
	}, a.listTasks)
	registerFrom(a, a.fromTasks(), huma.Operation{
		OperationID: "get-task", Method: http.MethodGet, Path: "/api/tasks/{id}", Tags: tags,
		Summary: "A task", Description: "For the project's author, the freelancer, admins and services.",
		Errors: []int{http.StatusNotFound},
	}, a.taskByID)
	registerFrom(a, a.fromTasks(), huma.Operation{
		OperationID: "change-task-status", Method: http.MethodPatch, Path: "/api/tasks/{id}/status", Tags: tags,
		Summary: "Change how a task stands",
		Description: "For all who see it. open can become in_progress; in_progress can become in_review or open; in_review can become done or " +
			"in_progress; each of them can become cancelled. Any other change is 409. Freelancer and author are notified.",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, a.changeTaskStatus)
}

type taskBody struct {
	ProjectID    domain.ID `json:"project_id" doc:"a UUID: the project that it is a part of"`
	FreelancerID domain.ID `json:"freelancer_id" doc:"a UUID: who is to do it"`
	Title        string    `json:"title" doc:"a string: what is to be done" minLength:"1" maxLength:"200" example:"Draw the logo"`
}

func (a *api) createTask(ctx context.Context, c *call, in *making[taskBody]) (*answer[task], error) {
	return once(a, c, in, a.Limits.Changes, 1, func(body taskBody) (command.Made[*domain.TaskCreated], error) {
		return a.Commands.CreateTask(ctx, c.actor, command.Task(body), in.IdempotencyKey)
	}, newTask)
}

// newTask describes a task without its row, as it was made.
func newTask(m command.Made[*domain.TaskCreated]) task {
	d := m.Data
	return task{
		ID: d.TaskID, ProjectID: d.ProjectID, Title: d.Title, Status: domain.TaskOpen,
		AuthorID: d.AuthorID, FreelancerID: d.FreelancerID, Position: int64(m.Position),
		CreatedBy: d.CreatedBy, CreatedAt: instant(m.At), UpdatedBy: d.CreatedBy, UpdatedAt: instant(m.At),
	}
}

type tasksInput struct {
	Paging
	ProjectID domain.ID `query:"project_id" doc:"only the tasks of this project"`
}

const allTasksSQL = `
	SELECT id, project_id, title, status, author_id, freelancer_id, created_by, created_at, updated_by, updated_at, position
	FROM tasks
	WHERE position < $1
	ORDER BY position DESC
	LIMIT $2`

// tasksOfProjectSQL asks once whether one sees the whole project. Asked of each task, that would make PostgreSQL expect few
// and read the project to its end.
//
//go:embed sql/tasks_of_project.sql
var tasksOfProjectSQL string

//go:embed sql/tasks_of_user.sql
var tasksOfUserSQL string

func (a *api) listTasks(ctx context.Context, c *call, in *tasksInput) (*answer[list[task]], error) {
	name := "tasks " + c.user().String() + " " + in.ProjectID.String()
	return newest(ctx, a, c, name, &in.Paging, func(ctx context.Context, tx *sql.Tx, before int64, limit int) (found []task, err error) {
		user := c.user().String()
		switch {
		case !in.ProjectID.IsZero():
			found, err = rowsOf(ctx, tx, scanTask, tasksOfProjectSQL, in.ProjectID.String(), c.trusted, user, before, limit)
		case c.trusted:
			found, err = rowsOf(ctx, tx, scanTask, allTasksSQL, before, limit)
		default:
			found, err = rowsOf(ctx, tx, scanTask, tasksOfUserSQL, user, before, limit)
		}
		if err != nil {
			return nil, fmt.Errorf("list tasks: %w", err)
		}
		return found, nil
	})
}

const taskSQL = `
	SELECT id, project_id, title, status, author_id, freelancer_id, created_by, created_at, updated_by, updated_at, position
	FROM tasks
	WHERE id = $1
		AND ($2 OR author_id = $3 OR freelancer_id = $3)`

func (a *api) taskByID(ctx context.Context, c *call, in *struct {
	ID domain.ID `path:"id"`
}) (*answer[task], error) {
	return oneOf(ctx, a, c, "task", scanTask, taskSQL, in.ID.String(), c.trusted, c.user().String())
}

func scanTask(row *sql.Rows) (t task, err error) {
	err = row.Scan(&t.ID, &t.ProjectID, &t.Title, &t.Status, &t.AuthorID, &t.FreelancerID,
		&t.CreatedBy, (*time.Time)(&t.CreatedAt), &t.UpdatedBy, (*time.Time)(&t.UpdatedAt), &t.Position)
	return t, err
}
