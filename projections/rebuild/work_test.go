package rebuild_test

import (
	"fmt"

	"chainmail/domain"
	"chainmail/projections"
	"chainmail/projections/notifications"
	"chainmail/projections/tasks"
)

// work are the projections of projects, tasks and what users are told.
func work() []projections.Projection {
	return []projections.Projection{notifications.Projection(), tasks.Projection()}
}

// task is how the world knows one.
type task struct {
	created *domain.TaskCreated
	status  domain.TaskStatus
}

// work is one more act that others are notified of, which comes right after it; they may read it later.
func (w *world) work(n int) domain.Draft {
	switch {
	case n < 18 || len(w.projects) == 0:
		return w.project()
	case n < 26 || len(w.tasks) == 0:
		return w.task()
	}
	t := w.tasks[w.random.IntN(len(w.tasks))]
	if next := t.status.Next(); len(next) > 0 {
		return w.change(t, next[w.random.IntN(len(next))])
	}
	return w.task()
}

func (w *world) project() domain.Draft {
	p := &domain.ProjectCreated{ProjectID: w.id(), AuthorID: w.user(), Title: fmt.Sprint("project ", w.ids)}
	w.projects = append(w.projects, p)
	for range 3 {
		if u := w.user(); u != p.AuthorID {
			w.tell(u, p.AuthorID, "/projects/"+p.ProjectID.String())
		}
	}
	return domain.Draft{Stream: domain.ProjectStream(p.ProjectID), Data: p}
}

func (w *world) task() domain.Draft {
	p := w.projects[w.random.IntN(len(w.projects))]
	t := &domain.TaskCreated{
		TaskID: w.id(), ProjectID: p.ProjectID, AuthorID: p.AuthorID, FreelancerID: w.user(), CreatedBy: p.AuthorID,
		Title: "a task, \"quoted\"\n",
	}
	w.tasks = append(w.tasks, &task{t, domain.TaskOpen})
	w.tell(t.FreelancerID, p.AuthorID, "")
	return domain.Draft{Stream: domain.TaskStream(t.TaskID), Data: t}
}

func (w *world) change(t *task, status domain.TaskStatus) domain.Draft {
	c := &domain.TaskStatusChanged{
		TaskID: t.created.TaskID, ProjectID: t.created.ProjectID, AuthorID: t.created.AuthorID, FreelancerID: t.created.FreelancerID,
		PreviousStatus: t.status, Status: status, ChangedBy: t.created.FreelancerID,
	}
	t.status = status
	w.tell(c.AuthorID, c.ChangedBy, "/tasks/"+c.TaskID.String())
	return domain.Draft{Stream: domain.TaskStream(c.TaskID), Data: c}
}

// tell notifies somebody after the act that comes now. Half of it is read.
func (w *world) tell(user, by domain.ID, link string) {
	n := &domain.NotificationCreated{
		NotificationID: w.id(), UserID: user, NotificationType: "work", CreatedBy: by, Title: "Look", Message: "there", Link: link,
	}
	stream := domain.NotificationStream(user)
	w.following = append(w.following, domain.Draft{Stream: stream, Data: n})
	if w.random.IntN(2) == 0 {
		read := &domain.NotificationRead{NotificationID: n.NotificationID, UserID: user}
		w.due = append(w.due, domain.Draft{Stream: stream, Data: read})
	}
}
