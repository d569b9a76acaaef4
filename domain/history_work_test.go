package domain_test

import (
	"encoding/binary"
	"reflect"
	"slices"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// workingKinds are the kinds of wishes where people mostly work.
var workingKinds = []int{15, 15, 15, 14, 17, 13, 6, 15, 16, 18, 17, 14, 12, 4, 0}

// things are what wishes about projects, tasks and notifications can be about.
type things struct {
	projects, tasks []domain.ID
	notices         []*domain.NotificationCreated
}

func (th *things) follow(data domain.Data) {
	switch d := data.(type) {
	case *domain.ProjectCreated:
		th.projects = append(th.projects, d.ProjectID)
	case *domain.TaskCreated:
		th.tasks = append(th.tasks, d.TaskID)
	case *domain.NotificationCreated:
		th.notices = append(th.notices, d)
	}
}

// begin makes a project with two tasks.
func (w *world) begin(t *rapid.T) {
	project := w.newID()
	wishes := []decide{func(s *domain.State) (domain.Decision, *domain.Refusal) {
		return s.CreateProject(domain.CreateProject{Actor: as(w.users[1]), ID: project, Title: "Website", Salt: salt, Fresh: after(project)})
	}}
	for _, freelancer := range w.users[2:4] {
		task := w.newID()
		wishes = append(wishes, func(s *domain.State) (domain.Decision, *domain.Refusal) {
			return s.CreateTask(domain.CreateTask{
				Actor: as(w.users[1]), ID: task, ProjectID: project, FreelancerID: freelancer, Title: "Logo", Salt: salt, Fresh: after(task),
			})
		})
	}
	for _, wish := range wishes {
		d, _ := wish(w.state)
		w.commit(t, intent{wish, d})
	}
}

// drawWork is a wish about work; where there is nothing to work at, for a project.
func (w *world) drawWork(t *rapid.T, actor domain.Actor, user domain.ID, kind int) decide {
	key := rapid.SampledFrom([]string{"", "", "k-1", "k-2"}).Draw(t, "idempotency_key")
	switch {
	case kind == 14 && len(w.things.projects) > 0:
		return w.drawTask(t, actor, user, key)
	case kind == 15 && len(w.things.tasks) > 0:
		return w.drawStatus(t, actor)
	case kind == 16:
		c := domain.CreateNotification{
			Actor: actor, ID: w.newID(), UserID: user, Type: "x", Title: "T", Message: "M", Salt: salt, IdempotencyKey: key,
		}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Notify(c) }
	case kind == 17 && len(w.things.notices) > 0:
		n := rapid.SampledFrom(w.things.notices).Draw(t, "notification")
		if rapid.IntRange(0, 3).Draw(t, "who") > 0 {
			actor = as(n.UserID)
		}
		c := domain.ReadNotification{Actor: actor, NotificationID: n.NotificationID, His: n.UserID == actor.ID}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.ReadNotification(c) }
	case kind == 18:
		c := domain.MakeAnnouncement{Actor: actor, ID: w.newID(), Title: "T", Message: "M", Salt: salt, IdempotencyKey: key}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Announce(c) }
	}
	c := domain.CreateProject{Actor: actor, ID: w.newID(), Title: "Website", Salt: salt, IdempotencyKey: key}
	return func(s *domain.State) (domain.Decision, *domain.Refusal) {
		c := c
		c.Fresh = after(c.ID)
		return s.CreateProject(c)
	}
}

// drawTask is mostly a wish of the project's author.
func (w *world) drawTask(t *rapid.T, actor domain.Actor, freelancer domain.ID, key string) decide {
	project := rapid.SampledFrom(append(w.things.projects, nobody)).Draw(t, "project")
	if p := w.state.Project(project); p != nil && rapid.IntRange(0, 3).Draw(t, "who") > 0 {
		actor = as(p.AuthorID)
	}
	c := domain.CreateTask{
		Actor: actor, ID: w.newID(), ProjectID: project, FreelancerID: freelancer, Title: "Logo", Salt: salt, IdempotencyKey: key,
	}
	return func(s *domain.State) (domain.Decision, *domain.Refusal) {
		c := c
		c.Fresh = after(c.ID)
		return s.CreateTask(c)
	}
}

// drawStatus is mostly a wish of one of the two whom the task concerns, for what may come next.
func (w *world) drawStatus(t *rapid.T, actor domain.Actor) decide {
	task := w.state.Task(rapid.SampledFrom(w.things.tasks).Draw(t, "task"))
	if rapid.IntRange(0, 3).Draw(t, "who") > 0 {
		actor = as(rapid.SampledFrom([]domain.ID{task.FreelancerID, task.AuthorID}).Draw(t, "of the two"))
	}
	to := append([]domain.TaskStatus{domain.TaskOpen, domain.TaskDone}, task.Status.Next()...)
	c := domain.ChangeTaskStatus{Actor: actor, TaskID: task.ID, Status: rapid.SampledFrom(to).Draw(t, "status")}
	first := w.newID()
	return func(s *domain.State) (domain.Decision, *domain.Refusal) {
		c := c
		c.Fresh = after(first)
		return s.ChangeTaskStatus(c)
	}
}

// after makes ids of what follows from a thing, the same ones whenever it is decided.
func after(thing domain.ID) domain.Fresh {
	n := uint16(0)
	return func() (domain.ID, domain.Salt) {
		n++
		id := thing
		binary.BigEndian.PutUint16(id[2:], n)
		return id, salt
	}
}

// endedMeanwhile reports whether the two differ only in who is told of an act: somebody's account has ended since, which
// the act does not rest on.
func (w *world) endedMeanwhile(now, then domain.Decision) bool {
	ended := slices.ContainsFunc(w.events[then.At:], func(e domain.Event) bool { return e.Type == domain.TypeUserDeactivated })
	if !ended || len(now.Drafts) == 0 || len(then.Drafts) == 0 {
		return false
	}
	for _, draft := range slices.Concat(now.Drafts[1:], then.Drafts[1:]) {
		if _, ok := draft.Data.(*domain.NotificationCreated); !ok {
			return false
		}
	}
	now.Drafts, then.Drafts = now.Drafts[:1], then.Drafts[:1]
	return reflect.DeepEqual(now, then)
}
