package domain

import (
	"fmt"
	"slices"
	"strings"
)

// cause is the last act that others are told of, as long as nothing but telling them comes after it.
type cause struct {
	by    ID
	kind  string   // of the notifications
	last  Position // of the act, or of the last notification of it
	among []ID     // who may be told yet of a task, in this order; of a project it is everybody else
	after ID       // who was told last; of a project people are told in ascending order
}

// goOn notes who was told, where a notification of the act follows.
func (c *cause) goOn(e Event) {
	if e.Type != TypeNotificationCreated || e.Position != c.last+1 {
		return
	}
	actor, err := actorOf(e.Metadata)
	text, _ := strings.CutPrefix(string(e.Stream), notificationPrefix)
	user, badID := ParseID(text)
	if err != nil || badID != nil || actor != c.by || !c.tells(user) {
		return
	}
	c.last, c.after = e.Position, user
	c.among = c.among[slices.Index(c.among, user)+1:]
}

// tells reports whether the user may be the next who is told of the act.
func (c *cause) tells(user ID) bool {
	if c.kind == kindProject {
		return user != c.by && c.after.Less(user)
	}
	return slices.Contains(c.among, user)
}

// followsWork has the rules of projects, tasks and what people are told.
func (s *State) followsWork(e Event, d Data) error {
	switch d := d.(type) {
	case *ProjectCreated:
		return s.isNew(d)
	case *TaskCreated:
		return s.assigns(d)
	case *TaskStatusChanged:
		return s.moves(d)
	case *NotificationCreated:
		return s.notifies(e, d)
	case *AnnouncementMade:
		if !s.users[d.AnnouncedBy].Role.tells() {
			return fmt.Errorf("%s is neither admin nor service", d.AnnouncedBy)
		}
	}
	return nil
}

// assigns has the rules of TaskCreated.
func (s *State) assigns(d *TaskCreated) error {
	if err := s.fits(d); err != nil {
		return err
	}
	switch p := s.projects[d.ProjectID]; {
	case !s.manages(d.CreatedBy, p):
		return fmt.Errorf("%s may not add tasks to project %s", d.CreatedBy, d.ProjectID)
	case !s.Active(d.FreelancerID):
		return fmt.Errorf("there is no active account %s", d.FreelancerID)
	}
	return nil
}

// moves has the rules of TaskStatusChanged.
func (s *State) moves(d *TaskStatusChanged) error {
	t := s.tasks[d.TaskID]
	switch {
	case t == nil:
		return fmt.Errorf("there is no task %s", d.TaskID)
	case t.ProjectID != d.ProjectID || t.AuthorID != d.AuthorID || t.FreelancerID != d.FreelancerID:
		return fmt.Errorf("it names another project, author or freelancer than task %s has", d.TaskID)
	case !s.SeesTask(d.ChangedBy, t):
		return fmt.Errorf("%s may not change task %s", d.ChangedBy, d.TaskID)
	case t.Status != d.PreviousStatus:
		return fmt.Errorf("the task was %q before, not %q", string(t.Status), string(d.PreviousStatus))
	case !slices.Contains(t.Status.Next(), d.Status):
		return fmt.Errorf("%q does not follow %q", string(d.Status), string(t.Status))
	}
	return nil
}

// notifies has the rules of NotificationCreated: an admin or a service tells anybody anything; others only whom their act
// concerns, right after it. Whom an act concerns may have gone since it was decided.
func (s *State) notifies(e Event, d *NotificationCreated) error {
	c := &s.cause
	ofAct := e.Position == c.last+1 && d.CreatedBy == c.by && d.NotificationType == c.kind && d.IdempotencyKey == nil
	switch {
	case s.users[d.UserID] == nil:
		return fmt.Errorf("there is no user %s", d.UserID)
	case ofAct && c.tells(d.UserID):
		return nil
	case !s.users[d.CreatedBy].Role.tells():
		return fmt.Errorf("no act of %s that concerns %s comes right before it", d.CreatedBy, d.UserID)
	case !s.Active(d.UserID):
		return fmt.Errorf("there is no active account %s", d.UserID)
	}
	return nil
}
