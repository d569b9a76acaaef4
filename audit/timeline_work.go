package audit

import (
	"strconv"
	"strings"

	"chainmail/domain"
)

// tellWork is tell for projects, tasks, notifications and announcements.
func (t *Timeline) tellWork(e *domain.Event, data domain.Data) string {
	switch d := data.(type) {
	case *domain.ProjectCreated:
		return t.user(d.AuthorID) + " created " + t.project(d.ProjectID)
	case *domain.TaskCreated:
		return t.assigned(d)
	case *domain.TaskStatusChanged:
		return t.moved(d)
	case *domain.NotificationCreated:
		return t.notified(d)
	case *domain.NotificationRead:
		return t.noticed(e, d)
	case *domain.AnnouncementMade:
		return t.user(d.AnnouncedBy) + " announced to everybody   " + news(d.Title, d.Message)
	}
	return Printable(string(e.Type)) + " of " + Printable(string(e.Stream))
}

func (t *Timeline) assigned(d *domain.TaskCreated) string {
	return t.user(d.CreatedBy) + " created " + t.task(d.TaskID) + " of " + t.project(d.ProjectID) + " for " + t.user(d.FreelancerID)
}

func (t *Timeline) moved(d *domain.TaskStatusChanged) string {
	return t.user(d.ChangedBy) + " changed " + t.task(d.TaskID) + " from " + status(d.PreviousStatus) + " to " + status(d.Status)
}

func status(s domain.TaskStatus) string { return Printable(strings.ReplaceAll(string(s), "_", " ")) }

func (t *Timeline) notified(d *domain.NotificationCreated) string {
	return t.user(d.CreatedBy) + " notified " + t.user(d.UserID) + "   " + news(d.Title, d.Message) + "   " + Printable(d.NotificationType)
}

// noticed is the reading of a notification, and how long after it that was.
func (t *Timeline) noticed(e *domain.Event, d *domain.NotificationRead) string {
	m, known := t.notifications.at[d.NotificationID]
	if !known {
		return t.user(d.UserID) + " read the notification " + d.NotificationID.String()
	}
	return t.user(d.UserID) + " read " + positionOf(m.position) + " after " + span(e.RecordedAt.Sub(m.at))
}

// news is what was told.
func news(title, message string) string {
	if title == "" { // the body is gone
		return "(no words)"
	}
	return strconv.Quote(title) + ": " + strconv.Quote(message)
}

func (t *Timeline) project(id domain.ID) string { return named("the project ", t.projects[id], id) }

func (t *Timeline) task(id domain.ID) string { return named("the task ", t.tasks[id], id) }

// named is a thing's title, or its id when it has none.
func named(what, title string, id domain.ID) string {
	if title == "" {
		return what + id.String()
	}
	return what + strconv.Quote(title)
}
