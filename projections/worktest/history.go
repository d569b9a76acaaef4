// Package worktest makes up logs of projects, tasks and notifications, and tells what tables of a test's database say
// of them.
package worktest

import (
	"encoding/binary"
	"time"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// History is a log in memory that obeys the domain's rules.
type History struct {
	Events []domain.Event

	state    *domain.State
	versions map[domain.StreamID]domain.Version
	keys     map[domain.Key]bool
	ids      uint64

	users         []domain.ID // the first is an admin
	projects      []domain.ID
	tasks         []domain.ID
	notifications []*domain.NotificationCreated
}

// Random draws some hundred acts of a few people, dense enough that they meet. Some bodies are gone.
func Random(t *rapid.T) *History {
	h := &History{
		state:    domain.NewState(),
		versions: make(map[domain.StreamID]domain.Version),
		keys:     make(map[domain.Key]bool),
	}
	h.register("Root", domain.RoleAdmin)
	for _, name := range []string{"Ada", "Bea", "Cleo"} {
		h.register(name, domain.RoleMember)
	}
	for range rapid.IntRange(0, 120).Draw(t, "acts") {
		h.act(t)
	}
	for i := range h.Events {
		if e := &h.Events[i]; e.Type != domain.TypeUserRegistered && rapid.IntRange(0, 19).Draw(t, "gone") == 0 {
			e.Body = nil
		}
	}
	return h
}

// act is one command, which may be refused.
func (h *History) act(t *rapid.T) {
	user := func() domain.ID { return rapid.SampledFrom(h.users).Draw(t, "user") }
	switch n := rapid.IntRange(0, 99).Draw(t, "act"); {
	case n < 8 || len(h.projects) == 0:
		h.append(h.state.CreateProject(domain.CreateProject{Actor: as(user()), ID: h.id(), Title: "a project", Fresh: h.fresh}))
	case n < 25 || len(h.tasks) == 0:
		h.append(h.state.CreateTask(domain.CreateTask{
			Actor: as(user()), ID: h.id(), ProjectID: rapid.SampledFrom(h.projects).Draw(t, "project"), FreelancerID: user(),
			Title: "a task", Fresh: h.fresh,
		}))
	case n < 60:
		h.append(h.state.ChangeTaskStatus(domain.ChangeTaskStatus{
			Actor: as(user()), TaskID: rapid.SampledFrom(h.tasks[max(0, len(h.tasks)-4):]).Draw(t, "task"), Fresh: h.fresh,
			Status: rapid.SampledFrom([]domain.TaskStatus{
				domain.TaskOpen, domain.TaskInProgress, domain.TaskInReview, domain.TaskDone, domain.TaskCancelled,
			}).Draw(t, "status"),
		}))
	case n < 70:
		h.append(h.state.Notify(domain.CreateNotification{
			Actor: as(h.users[0]), ID: h.id(), UserID: user(), Type: "note", Title: "Hello", Message: "you",
			Link: rapid.SampledFrom([]string{"", "/tasks/7", "https://example.org/"}).Draw(t, "link"),
		}))
	case n < 72:
		h.append(h.state.Announce(domain.MakeAnnouncement{Actor: as(h.users[0]), ID: h.id(), Title: "All", Message: "listen"}))
	case n < 74:
		h.append(h.state.Block(domain.BlockUser{Actor: as(user()), UserID: user()}))
	case len(h.notifications) > 0:
		told := rapid.SampledFrom(h.notifications[max(0, len(h.notifications)-12):]).Draw(t, "notification")
		h.append(h.state.ReadNotification(domain.ReadNotification{
			Actor: as(told.UserID), NotificationID: told.NotificationID, His: true,
		}))
	}
}

func as(user domain.ID) domain.Actor { return domain.Actor{ID: user, Auth: domain.AuthToken} }

// id gives ids in ascending order.
func (h *History) id() domain.ID {
	h.ids++
	id := domain.ID{6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint64(id[8:], 0x8000_0000_0000_0000|h.ids)
	return id
}

func (h *History) fresh() (domain.ID, domain.Salt) { return h.id(), domain.Salt{1} }

func (h *History) register(name string, role domain.Role) {
	id := h.id()
	h.append(h.state.Register(domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: id, Name: name, Role: role,
	}))
	h.users = append(h.users, id)
}

// append puts a decision into the log unless one of its keys is taken.
func (h *History) append(d domain.Decision, r *domain.Refusal) {
	if r != nil {
		return
	}
	for _, k := range d.Keys {
		if h.keys[k] {
			return
		}
		h.keys[k] = true
	}
	for _, draft := range d.Drafts {
		h.add(draft, d.Actor)
	}
}

func (h *History) add(draft domain.Draft, actor domain.Actor) {
	encoded, err := domain.Encode(draft.Data, actor)
	if err != nil {
		panic(err)
	}
	h.versions[draft.Stream]++
	e := domain.Event{
		Position: domain.Position(len(h.Events) + 1), Stream: draft.Stream, Version: h.versions[draft.Stream], Type: encoded.Type,
		Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
	}
	e.RecordedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(e.Position) * time.Microsecond)
	h.Events = append(h.Events, e)
	if err := h.state.Apply(e); err != nil {
		panic(err)
	}
	switch d := draft.Data.(type) {
	case *domain.ProjectCreated:
		h.projects = append(h.projects, d.ProjectID)
	case *domain.TaskCreated:
		h.tasks = append(h.tasks, d.TaskID)
	case *domain.NotificationCreated:
		h.notifications = append(h.notifications, d)
	}
}
