package tasks

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

const insertProjectsSQL = `
	INSERT INTO projects (id, author_id, position, created_at, title)
	SELECT p.id, p.author_id, p.position, p.created_at, p.title
	FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[])
		AS p (id, author_id, position, created_at, title)`

func (b *batch) insertProjects(ctx context.Context, tx *sql.Tx) error {
	if len(b.projects) == 0 {
		return nil
	}
	ids, authors, titles := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewTexts()
	positions, times := pgarray.NewInt8s(), pgarray.NewTimes()
	for _, p := range b.projects {
		ids.UUID(p.data.ProjectID)
		authors.UUID(p.data.AuthorID)
		positions.Int8(int64(p.event.Position))
		times.Time(p.event.RecordedAt)
		titles.Text(p.data.Title)
	}
	_, err := tx.ExecContext(ctx, insertProjectsSQL,
		ids.Bytes(), authors.Bytes(), positions.Bytes(), times.Bytes(), titles.Bytes())
	if err != nil {
		return fmt.Errorf("insert projects: %w", err)
	}
	return nil
}

const updateTasksSQL = `
	UPDATE tasks AS t
	SET status = c.status, updated_by = c.by, updated_at = c.at
	FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[]) AS c (id, status, by, at)
	WHERE t.id = c.id`

func (b *batch) updateTasks(ctx context.Context, tx *sql.Tx) error {
	if len(b.changed) == 0 {
		return nil
	}
	ids, statuses := pgarray.NewUUIDs(), pgarray.NewTexts()
	users, times := pgarray.NewUUIDs(), pgarray.NewTimes()
	for _, c := range b.changed {
		ids.UUID(c.task)
		statuses.Text(string(c.status))
		users.UUID(c.by)
		times.Time(c.at)
	}
	result, err := tx.ExecContext(ctx, updateTasksSQL, ids.Bytes(), statuses.Bytes(), users.Bytes(), times.Bytes())
	if err != nil {
		return fmt.Errorf("update tasks: %w", err)
	}
	return projections.Affected("tasks whose status changes", result, len(b.changed))
}

const insertTasksSQL = `
	INSERT INTO tasks (id, project_id, author_id, freelancer_id, created_by, updated_by,
		position, created_at, updated_at, status, title)
	SELECT t.id, t.project_id, t.author_id, t.freelancer_id, t.created_by, t.updated_by,
		t.position, t.created_at, t.updated_at, t.status, t.title
	FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[],
			$7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[])
		AS t (id, project_id, author_id, freelancer_id, created_by, updated_by,
			position, created_at, updated_at, status, title)`

func (b *batch) insertTasks(ctx context.Context, tx *sql.Tx) error {
	if len(b.created) == 0 {
		return nil
	}
	ids, parents, authors := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewUUIDs()
	freelancers, creators, changers := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewUUIDs()
	positions, created, updated := pgarray.NewInt8s(), pgarray.NewTimes(), pgarray.NewTimes()
	statuses, titles := pgarray.NewTexts(), pgarray.NewTexts()
	for _, t := range b.created {
		ids.UUID(t.data.TaskID)
		parents.UUID(t.data.ProjectID)
		authors.UUID(t.data.AuthorID)
		freelancers.UUID(t.data.FreelancerID)
		creators.UUID(t.data.CreatedBy)
		changers.UUID(t.now.by)
		positions.Int8(int64(t.event.Position))
		created.Time(t.event.RecordedAt)
		updated.Time(t.now.at)
		statuses.Text(string(t.now.status))
		titles.Text(t.data.Title)
	}
	_, err := tx.ExecContext(ctx, insertTasksSQL, ids.Bytes(), parents.Bytes(), authors.Bytes(), freelancers.Bytes(),
		creators.Bytes(), changers.Bytes(), positions.Bytes(), created.Bytes(), updated.Bytes(), statuses.Bytes(), titles.Bytes())
	if err != nil {
		return fmt.Errorf("insert tasks: %w", err)
	}
	return nil
}
