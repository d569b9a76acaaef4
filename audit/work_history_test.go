package audit_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// toldRef is a notification that there is.
type toldRef struct{ id, user domain.ID }

func fresh() (domain.ID, domain.Salt) { return newID(), domain.Salt(newID()) }

// project makes one, of which all others are notified, and returns its id and position.
func (h *history) project(author domain.ID, title string) (domain.ID, domain.Position) {
	h.t.Helper()
	id, salt := fresh()
	events := h.made(h.state.CreateProject(domain.CreateProject{
		Actor: as(author), ID: id, Title: title, Salt: salt, IdempotencyKey: id.String(), Fresh: fresh,
	}))
	return id, events[0].Position
}

func (h *history) task(actor, project, freelancer domain.ID, title string) (domain.ID, domain.Position) {
	h.t.Helper()
	id, salt := fresh()
	events := h.made(h.state.CreateTask(domain.CreateTask{
		Actor: as(actor), ID: id, ProjectID: project, FreelancerID: freelancer, Title: title, Salt: salt,
		IdempotencyKey: id.String(), Fresh: fresh,
	}))
	return id, events[0].Position
}

func (h *history) move(actor, task domain.ID, status domain.TaskStatus) domain.Position {
	h.t.Helper()
	return h.made(h.state.ChangeTaskStatus(domain.ChangeTaskStatus{
		Actor: as(actor), TaskID: task, Status: status, Fresh: fresh,
	}))[0].Position
}

func (h *history) notify(actor, user domain.ID, title string) (toldRef, domain.Position) {
	h.t.Helper()
	id, salt := fresh()
	events := h.made(h.state.Notify(domain.CreateNotification{
		Actor: as(actor), ID: id, UserID: user, Type: "news", Title: title, Message: "message of\n" + title, Link: "/x", Salt: salt,
		IdempotencyKey: id.String(),
	}))
	return toldRef{id, user}, events[0].Position
}

func (h *history) announce(actor domain.ID, title string) domain.Position {
	h.t.Helper()
	id, salt := fresh()
	return h.made(h.state.Announce(domain.MakeAnnouncement{
		Actor: as(actor), ID: id, Title: title, Message: "message of\n" + title, Salt: salt, IdempotencyKey: id.String(),
	}))[0].Position
}

func (h *history) notice(n toldRef) domain.Position {
	h.t.Helper()
	return h.may(h.state.ReadNotification(domain.ReadNotification{Actor: as(n.user), NotificationID: n.id, His: true}))
}

// made is may with all events.
func (h *history) made(d domain.Decision, r *domain.Refusal) []domain.Event {
	h.t.Helper()
	if r != nil {
		h.t.Fatal(r)
	}
	events := h.append(d)
	if len(events) == 0 {
		h.t.Fatalf("a repeat: %+v", d.Drafts)
	}
	return events
}

func (m *memory) fresh() (domain.ID, domain.Salt) { return m.id(), domain.Salt(m.id()) }

// labour appends what is about projects, tasks, notifications and announcements.
func (m *memory) labour(d domain.Decision, r *domain.Refusal) {
	if m.append(d, r) {
		for _, draft := range d.Drafts {
			m.work.remember(draft.Data)
		}
	}
}

// jobs has an author and a freelancer work, and an admin, who is the author, tell of it.
func (m *memory) jobs(author, freelancer domain.ID) {
	id, salt := m.fresh()
	m.labour(m.state.CreateProject(domain.CreateProject{
		Actor: by(author), ID: id, Title: "Website \"2\"", Salt: salt, IdempotencyKey: "tab\t", Fresh: m.fresh,
	}))
	project := id
	id, salt = m.fresh()
	m.labour(m.state.CreateTask(domain.CreateTask{
		Actor: by(author), ID: id, ProjectID: project, FreelancerID: freelancer, Title: "Logo\u2028", Salt: salt, Fresh: m.fresh,
	}))
	task := id
	for _, status := range []domain.TaskStatus{domain.TaskInProgress, domain.TaskInReview} {
		m.labour(m.state.ChangeTaskStatus(domain.ChangeTaskStatus{Actor: by(freelancer), TaskID: task, Status: status, Fresh: m.fresh}))
	}
	last := m.work.told[len(m.work.told)-2] // the freelancer's of the last change
	m.now = m.now.Add(3*time.Minute + 5*time.Second)
	m.labour(m.state.ReadNotification(domain.ReadNotification{Actor: by(last.user), NotificationID: last.id, His: true}))
	id, salt = m.fresh()
	m.labour(m.state.Notify(domain.CreateNotification{
		Actor: by(author), ID: id, UserID: freelancer, Type: "pay:due", Title: "Soon", Message: "line\nfeed", Salt: salt, IdempotencyKey: "\u2028",
	}))
	id, salt = m.fresh()
	m.labour(m.state.Announce(domain.MakeAnnouncement{
		Actor: by(author), ID: id, Title: "Tonight\u202e", Message: "we \"rest\"", Salt: salt,
	}))
}

// work is what a random history knows of projects, tasks and notifications.
type work struct {
	projects, tasks []domain.ID
	told            []toldRef
}

func (w *work) remember(d domain.Data) {
	switch d := d.(type) {
	case *domain.ProjectCreated:
		w.projects = append(w.projects, d.ProjectID)
	case *domain.TaskCreated:
		w.tasks = append(w.tasks, d.TaskID)
	case *domain.NotificationCreated:
		w.told = append(w.told, toldRef{d.NotificationID, d.UserID})
	}
}

// draw draws one of the commands about projects, tasks, notifications and announcements.
func (w *work) draw(
	t *rapid.T, state *domain.State, actor domain.Actor, user domain.ID, fresh domain.Fresh,
) (domain.Decision, *domain.Refusal) {
	key := rapid.SampledFrom([]string{"", "", "k-1", "k-2", user.String()}).Draw(t, "idempotency_key")
	title := rapid.SampledFrom([]string{"Website", "\"Logo\"\u2028", "Ünal <b>"}).Draw(t, "title")
	id, salt := fresh()
	switch kind := rapid.IntRange(0, 11).Draw(t, "kind of work"); {
	case kind == 0 || len(w.projects) == 0:
		return state.CreateProject(domain.CreateProject{
			Actor: actor, ID: id, Title: title, Salt: salt, IdempotencyKey: key, Fresh: fresh,
		})
	case kind < 3 || len(w.tasks) == 0:
		return state.CreateTask(domain.CreateTask{
			Actor: actor, ID: id, ProjectID: rapid.SampledFrom(w.projects).Draw(t, "project"), FreelancerID: user, Title: title,
			Salt: salt, IdempotencyKey: key, Fresh: fresh,
		})
	case kind < 7:
		return state.ChangeTaskStatus(domain.ChangeTaskStatus{
			Actor: actor, TaskID: rapid.SampledFrom(w.tasks).Draw(t, "task"), Fresh: fresh,
			Status: rapid.SampledFrom([]domain.TaskStatus{
				domain.TaskOpen, domain.TaskInProgress, domain.TaskInReview, domain.TaskDone, domain.TaskCancelled,
			}).Draw(t, "status"),
		})
	case kind == 7:
		return state.Announce(domain.MakeAnnouncement{
			Actor: actor, ID: id, Title: title, Message: "tab\t, \"quote\"", Salt: salt, IdempotencyKey: key,
		})
	case kind == 8 || len(w.told) == 0:
		return state.Notify(domain.CreateNotification{
			Actor: actor, ID: id, UserID: user, Type: "news", Title: title, Message: fmt.Sprint("to ", user), Salt: salt,
			Link: rapid.SampledFrom([]string{"", "/tasks/7?a=\"b\""}).Draw(t, "link"), IdempotencyKey: key,
		})
	}
	n := rapid.SampledFrom(w.told[max(0, len(w.told)-8):]).Draw(t, "notification")
	return state.ReadNotification(domain.ReadNotification{Actor: actor, NotificationID: n.id, His: n.user == actor.ID})
}
