package tasks_test

import (
	"fmt"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/projections/tasks"
	"chainmail/projections/worktest"
)

// However a log is cut into batches, the tables say what the log says.
func TestTablesAreWhatTheLogSays(t *testing.T) {
	t.Parallel()
	worktest.CheckBuilds(t, worktest.Open(t, pgtest.New(t).DSN, tasks.Projection()), model)
}

// model goes through the log as somebody who reads it.
func model(events []domain.Event, table string) []string {
	projects, tasks := []string{}, []string{}
	for i, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			panic(err)
		}
		switch d := data.(type) {
		case *domain.ProjectCreated:
			projects = append(projects, fmt.Sprintf("id=%s author_id=%s position=%d created_at=%s title=%s",
				d.ProjectID, d.AuthorID, e.Position, worktest.Time(e.RecordedAt), d.Title))
		case *domain.TaskCreated:
			status, by, at := lastChange(d, e, events[i+1:])
			tasks = append(tasks, fmt.Sprintf("id=%s project_id=%s author_id=%s freelancer_id=%s created_by=%s updated_by=%s "+
				"position=%d created_at=%s updated_at=%s status=%s title=%s",
				d.TaskID, d.ProjectID, d.AuthorID, d.FreelancerID, d.CreatedBy, by,
				e.Position, worktest.Time(e.RecordedAt), at, status, d.Title))
		}
	}
	if table == "projects" {
		return projects
	}
	return tasks
}

// lastChange is how a task stands after all that is later.
func lastChange(d *domain.TaskCreated, e domain.Event, later []domain.Event) (status domain.TaskStatus, by domain.ID, at string) {
	status, by, at = "open", d.CreatedBy, worktest.Time(e.RecordedAt)
	for _, e := range later {
		data, err := domain.Decode(e)
		if err != nil {
			panic(err)
		}
		if c, ok := data.(*domain.TaskStatusChanged); ok && c.TaskID == d.TaskID {
			status, by, at = c.Status, c.ChangedBy, worktest.Time(e.RecordedAt)
		}
	}
	return status, by, at
}

func id(n byte) domain.ID { return domain.ID{6: 0x70, 8: 0x80, 15: n} }

// What no lawful log has stops the projection, in one batch as event by event.
func TestWhatCannotBe(t *testing.T) {
	t.Parallel()
	created := func(at domain.Position, task byte) domain.Event {
		return worktest.Event(t, at, &domain.TaskCreated{
			TaskID: id(task), ProjectID: id(1), AuthorID: id(2), FreelancerID: id(3), CreatedBy: id(2), Title: "a task",
		})
	}
	change := func(at domain.Position, task byte) domain.Event {
		return worktest.Event(t, at, &domain.TaskStatusChanged{
			TaskID: id(task), ProjectID: id(1), AuthorID: id(2), FreelancerID: id(3), ChangedBy: id(3),
			PreviousStatus: domain.TaskOpen, Status: domain.TaskInProgress,
		})
	}
	tests := map[string][]domain.Event{
		"none is there":  {change(1, 9)},
		"before its own": {change(1, 9), created(2, 9)},
		"of another":     {created(1, 8), change(2, 9)},
	}
	for name, events := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := worktest.Open(t, pgtest.New(t).DSN, tasks.Projection())
			for _, cuts := range [][]int{nil, {1}} {
				err := x.Build(t.Context(), events, cuts)
				if err == nil || !strings.Contains(err.Error(), "tasks whose status changes: 0 of 1 are there") {
					t.Errorf("cut at %v: got %v, want that it is not there", cuts, err)
				}
			}
		})
	}
}

// What it is not about is passed over, also what a newer release wrote.
func TestOtherEventsArePassedOver(t *testing.T) {
	t.Parallel()
	x := worktest.Open(t, pgtest.New(t).DSN, tasks.Projection())
	err := x.Apply(t.Context(), domain.Event{Position: 1, Type: "BananaPeeled"},
		worktest.Event(t, 2, &domain.UserBlocked{UserID: id(1), BlockedID: id(2)}))
	if err != nil {
		t.Error(err)
	}
}
