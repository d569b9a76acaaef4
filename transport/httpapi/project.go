package httpapi

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/command"
)

// project is what somebody wants done, as tasks.
type project struct {
	ID        domain.ID `json:"id"`
	Title     string    `json:"title"`
	AuthorID  domain.ID `json:"author_id" doc:"who made it"`
	CreatedAt instant   `json:"created_at"`
	Position  int64     `json:"position" doc:"of its event"`
}

func (p project) at() int64 { return p.Position }

// projectWeight is what a new project counts for, of which everybody is notified.
const projectWeight = 5

func (a *api) projects() {
	tags := []string{"projects"}
	registerFrom(a, a.fromTasks(), huma.Operation{
		OperationID: "create-project", Method: http.MethodPost, Path: "/api/projects", Tags: tags,
		Summary:       "Make a project",
		Description:   "Every active user but its author is notified. It counts as five changes.",
		DefaultStatus: http.StatusCreated,
		Responses:     orElse[project](a),
		Errors:        []int{http.StatusTooManyRequests},
	}, a.createProject)
	orBlocked[BlockedText](a, "/api/projects")
	registerFrom(a, a.fromTasks(), huma.Operation{
		OperationID: "list-projects", Method: http.MethodGet, Path: "/api/projects", Tags: tags,
		Summary: "All projects, newest first", Description: "Everybody sees them.",
		Errors: []int{http.StatusUnprocessableEntity},
	}, a.listProjects)
	registerFrom(a, a.fromTasks(), huma.Operation{
		OperationID: "get-project", Method: http.MethodGet, Path: "/api/projects/{id}", Tags: tags,
		Summary: "A project", Description: "Everybody sees it.",
		Errors: []int{http.StatusNotFound},
	}, a.projectByID)
}

type projectBody struct {
	Title string `json:"title" doc:"a string: what the project is called" minLength:"1" maxLength:"200" example:"Website"`
}

func (a *api) createProject(ctx context.Context, c *call, in *making[projectBody]) (*answer[project], error) {
	return once(a, c, in, a.Limits.Changes, projectWeight, func(body projectBody) (command.Made[*domain.ProjectCreated], error) {
		return a.Commands.CreateProject(ctx, c.actor, body.Title, in.IdempotencyKey)
	}, newProject)
}

// newProject describes a project without its row, so that tables that stand still do not turn what was done into an error.
func newProject(m command.Made[*domain.ProjectCreated]) project {
	return project{
		ID: m.Data.ProjectID, Title: m.Data.Title, AuthorID: m.Data.AuthorID,
		CreatedAt: instant(m.At), Position: int64(m.Position),
	}
}

const projectsSQL = `
	SELECT id, title, author_id, created_at, position
	FROM projects
	WHERE position < $1
	ORDER BY position DESC
	LIMIT $2`

func (a *api) listProjects(ctx context.Context, c *call, in *Paging) (*answer[list[project]], error) {
	return newest(ctx, a, c, "projects", in, func(ctx context.Context, tx *sql.Tx, before int64, limit int) ([]project, error) {
		found, err := rowsOf(ctx, tx, scanProject, projectsSQL, before, limit)
		if err != nil {
			return nil, fmt.Errorf("list projects: %w", err)
		}
		return found, nil
	})
}

const projectSQL = `
	SELECT id, title, author_id, created_at, position
	FROM projects
	WHERE id = $1`

func (a *api) projectByID(ctx context.Context, c *call, in *struct {
	ID domain.ID `path:"id"`
}) (*answer[project], error) {
	return oneOf(ctx, a, c, "project", scanProject, projectSQL, in.ID.String())
}

func scanProject(row *sql.Rows) (p project, err error) {
	err = row.Scan(&p.ID, &p.Title, &p.AuthorID, (*time.Time)(&p.CreatedAt), &p.Position)
	return p, err
}
