package tasks

import (
	"context"
	"database/sql"
	"time"

	"chainmail/domain"
	"chainmail/projections"
)

// Name is that of the projection, in projection_offsets and on the command line.
const Name = "tasks"

// pause is so long that a busy log costs little, for a look at it costs as much as many events, and so short that a
// read that waits for the tables does not feel it.
const pause = 50 * time.Millisecond

// Projection returns the projection that keeps the tables.
func Projection() projections.Projection {
	return projections.Projection{
		Name:    Name,
		Version: 1,
		Tables:  []string{"projects", "tasks"},
		Types:   []domain.Type{domain.TypeProjectCreated, domain.TypeTaskCreated, domain.TypeTaskStatusChanged},
		Pause:   pause,
		Apply:   Apply,
	}
}

// Apply writes the projects and tasks among consecutive events, and how tasks stand after them. Other events are passed over.
func Apply(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
	b := batch{index: make(map[domain.ID]int), changes: make(map[domain.ID]int)}
	for _, e := range events {
		switch e.Type {
		case domain.TypeProjectCreated, domain.TypeTaskCreated, domain.TypeTaskStatusChanged:
			if err := b.add(e); err != nil {
				return err
			}
		}
	}
	for _, write := range []func(context.Context, *sql.Tx) error{
		b.insertProjects,
		b.updateTasks, // those that were there before, so that none is changed before it is created
		b.insertTasks,
	} {
		if err := write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// batch is what a run of events does to the tables.
type batch struct {
	projects []project
	created  []task
	index    map[domain.ID]int // of created
	changed  []change          // of tasks that were there before the batch
	changes  map[domain.ID]int // the index of changed
}

type project struct {
	event domain.Event
	data  *domain.ProjectCreated
}

type task struct {
	event domain.Event
	data  *domain.TaskCreated
	now   change
}

// change is how a task stands after its last event.
type change struct {
	task   domain.ID
	status domain.TaskStatus
	by     domain.ID
	at     time.Time
}

func (b *batch) add(e domain.Event) error {
	data, err := domain.Decode(e)
	if err != nil {
		return err
	}
	switch d := data.(type) {
	case *domain.ProjectCreated:
		b.projects = append(b.projects, project{e, d})
	case *domain.TaskCreated:
		b.index[d.TaskID] = len(b.created)
		b.created = append(b.created, task{e, d, change{d.TaskID, domain.TaskOpen, d.CreatedBy, e.RecordedAt}})
	case *domain.TaskStatusChanged:
		b.change(change{d.TaskID, d.Status, d.ChangedBy, e.RecordedAt})
	}
	return nil
}

// change keeps the last change of each task.
func (b *batch) change(c change) {
	if i, ok := b.index[c.task]; ok {
		b.created[i].now = c
		return
	}
	if i, ok := b.changes[c.task]; ok {
		b.changed[i] = c
		return
	}
	b.changes[c.task] = len(b.changed)
	b.changed = append(b.changed, c)
}
