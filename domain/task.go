package domain

import (
	"fmt"
	"slices"
	"strings"
)

// Task is a piece of a project, done by a freelancer.
type Task struct {
	ID           ID
	ProjectID    ID
	AuthorID     ID // of the project
	FreelancerID ID
	Title        string
	Status       TaskStatus
	Moved        Position // its last event
	decided      Version
}

// TaskStatus is how a task stands.
type TaskStatus string

// The statuses.
const (
	TaskOpen       TaskStatus = "open"
	TaskInProgress TaskStatus = "in_progress"
	TaskInReview   TaskStatus = "in_review"
	TaskDone       TaskStatus = "done"
	TaskCancelled  TaskStatus = "cancelled"
)

// transitions are the statuses that may follow each. What is done or cancelled stays so.
var transitions = map[TaskStatus][]TaskStatus{
	TaskOpen:       {TaskInProgress, TaskCancelled},
	TaskInProgress: {TaskInReview, TaskOpen, TaskCancelled},
	TaskInReview:   {TaskDone, TaskInProgress, TaskCancelled},
	TaskDone:       nil,
	TaskCancelled:  nil,
}

// Valid reports whether t is one of the statuses.
func (t TaskStatus) Valid() bool { _, is := transitions[t]; return is }

// words is the status as one says it.
func (t TaskStatus) words() string { return strings.ReplaceAll(string(t), "_", " ") }

// Next lists the statuses that may follow. The caller doesn't change the list.
func (t TaskStatus) Next() []TaskStatus { return transitions[t] }

// CreateTask is the wish that a freelancer does something for a project. ID is fresh.
type CreateTask struct {
	Actor          Actor
	ID             ID
	ProjectID      ID
	FreelancerID   ID
	Title          string
	Salt           Salt
	IdempotencyKey string // empty for none
	Fresh          Fresh  // of the notification
}

// CreateTask decides a CreateTask: the project's author, an admin or a service may. The freelancer is notified, unless
// it is his own doing.
func (s *State) CreateTask(c CreateTask) (Decision, *Refusal) {
	if r := CheckTitle(c.Title); r != nil {
		return Decision{}, r
	}
	d, r := s.beginOnce(c.Actor, TypeTaskCreated, c.IdempotencyKey)
	if r != nil {
		return Decision{}, r
	}
	p := s.projects[c.ProjectID]
	switch {
	case p == nil:
		return Decision{}, refuse(NotFound, "project_id", "there is no such project")
	case !s.manages(c.Actor.ID, p):
		return Decision{}, refuse(Forbidden, "project_id", "only the project's author, an admin or a service adds tasks to it")
	case !s.Active(c.FreelancerID):
		return Decision{}, refuse(ReceiverNotFound, "freelancer_id", "there is no such user, or the account is inactive")
	}
	s.expectUser(d, c.FreelancerID)
	d.draft(TaskStream(c.ID), &TaskCreated{
		TaskID: c.ID, ProjectID: p.ID, AuthorID: p.AuthorID, FreelancerID: c.FreelancerID, CreatedBy: c.Actor.ID,
		IdempotencyKey: orNil(c.IdempotencyKey), Title: c.Title, Salt: c.Salt,
	})
	if c.FreelancerID != c.Actor.ID {
		d.notify(c.FreelancerID, notice{
			kind: kindTask, title: "New task", message: c.Title, link: "/tasks/" + c.ID.String(),
		}, c.Fresh)
	}
	return *d, nil
}

// ChangeTaskStatus is the wish that a task stands otherwise.
type ChangeTaskStatus struct {
	Actor  Actor
	TaskID ID
	Status TaskStatus
	Fresh  Fresh // of the notifications
}

// ChangeTaskStatus decides a ChangeTaskStatus: whoever sees the task may, along the table of transitions. The status that
// it has makes no event. Freelancer and author are notified, whoever of them it was.
func (s *State) ChangeTaskStatus(c ChangeTaskStatus) (Decision, *Refusal) {
	if !c.Status.Valid() {
		return Decision{}, refuse(InvalidField, "status", "status is one of open, in_progress, in_review, done, cancelled")
	}
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	t := s.tasks[c.TaskID]
	if t == nil || !s.SeesTask(c.Actor.ID, t) {
		return Decision{}, refuse(NotFound, "id", "there is no such task")
	}
	d.Expect = append(d.Expect, Expectation{TaskStream(t.ID), t.decided})
	switch {
	case t.Status == c.Status:
		return *d, nil
	case !slices.Contains(t.Status.Next(), c.Status):
		return Decision{}, refuse(Conflict, "status", "this task is "+t.Status.words()+": "+t.Status.advice())
	}
	d.draft(TaskStream(t.ID), &TaskStatusChanged{
		TaskID: t.ID, ProjectID: t.ProjectID, AuthorID: t.AuthorID, FreelancerID: t.FreelancerID,
		PreviousStatus: t.Status, Status: c.Status, ChangedBy: c.Actor.ID,
	})
	told := notice{
		kind: kindStatus, title: "Task " + c.Status.words(), message: t.Title, link: "/tasks/" + t.ID.String(),
	}
	for _, user := range t.concerned() {
		if s.Active(user) {
			d.notify(user, told, c.Fresh)
		}
	}
	return *d, nil
}

// advice says what may follow a status.
func (t TaskStatus) advice() string {
	var next []string
	for _, n := range t.Next() {
		next = append(next, string(n))
	}
	if len(next) == 0 {
		return "that is final"
	}
	return "it can become " + strings.Join(next, ", ")
}

// Task returns the task, nil if there is none. The caller doesn't change it.
func (s *State) Task(id ID) *Task { return s.tasks[id] }

// TasksOf lists the tasks of which a user is the freelancer or the project's author, in order of creation. The caller
// doesn't change the list.
func (s *State) TasksOf(user ID) []ID { return s.tasksOf[user] }

// SeesTask reports whether a user may see a task and change how it stands: the project's author, the freelancer, admins and services.
func (s *State) SeesTask(user ID, t *Task) bool {
	return user == t.FreelancerID || s.SeesTasks(user, s.projects[t.ProjectID])
}

// SeesTasks reports whether a user may see all tasks of a project, which is not nil: its author, admins and services.
func (s *State) SeesTasks(user ID, p *Project) bool { return s.manages(user, p) }

func (s *State) manages(user ID, p *Project) bool {
	u := s.users[user]
	return u != nil && (user == p.AuthorID || u.Role.tells())
}

// concerned are the freelancer and the author, once where they are the same.
func (t *Task) concerned() []ID {
	if t.FreelancerID == t.AuthorID {
		return []ID{t.AuthorID}
	}
	return []ID{t.FreelancerID, t.AuthorID}
}

func (s *State) task(e Event, d *TaskCreated) error {
	if err := s.fits(d); err != nil {
		return err
	}
	t := &Task{
		ID: d.TaskID, ProjectID: d.ProjectID, AuthorID: d.AuthorID, FreelancerID: d.FreelancerID,
		Title: d.Title, Status: TaskOpen, Moved: e.Position, decided: e.Version,
	}
	s.tasks[t.ID] = t
	s.projects[t.ProjectID].Tasks = append(s.projects[t.ProjectID].Tasks, t.ID)
	for _, user := range t.concerned() {
		s.tasksOf[user] = append(s.tasksOf[user], t.ID)
	}
	s.cause = cause{by: d.CreatedBy, kind: kindTask, last: e.Position}
	if d.FreelancerID != d.CreatedBy {
		s.cause.among = []ID{d.FreelancerID}
	}
	return nil
}

// fits reports whether a task is a new one of a project that is there, and of its author.
func (s *State) fits(d *TaskCreated) error {
	switch p := s.projects[d.ProjectID]; {
	case s.tasks[d.TaskID] != nil:
		return fmt.Errorf("task %s is there already", d.TaskID)
	case p == nil:
		return fmt.Errorf("there is no project %s", d.ProjectID)
	case p.AuthorID != d.AuthorID:
		return fmt.Errorf("%s is not the author of project %s", d.AuthorID, d.ProjectID)
	}
	return nil
}

func (s *State) move(e Event, d *TaskStatusChanged) error {
	t := s.tasks[d.TaskID]
	if t == nil {
		return fmt.Errorf("there is no task %s", d.TaskID)
	}
	t.Status, t.Moved, t.decided = d.Status, e.Position, e.Version
	s.cause = cause{by: d.ChangedBy, kind: kindStatus, last: e.Position, among: t.concerned()}
	return nil
}
