package push_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/projections/push"
)

// registered lists the users who were there before a position.
func (w *world) registered(before domain.Position) (users []domain.ID) {
	for _, e := range w.all()[:before-1] {
		if data, err := domain.Decode(e); err == nil {
			if u, ok := data.(*domain.UserRegistered); ok {
				users = append(users, u.UserID)
			}
		}
	}
	return users
}

func (w *world) fresh() (domain.ID, domain.Salt) { return w.id(), domain.Salt{15: 0xcd} }

func (w *world) project(author domain.ID, title string) domain.ID {
	w.tb.Helper()
	id := w.id()
	d, r := w.state.CreateProject(domain.CreateProject{Actor: as(author), ID: id, Title: title, Fresh: w.fresh})
	w.must(r)
	w.append(d)
	return id
}

func (w *world) task(project, freelancer domain.ID, title string) domain.ID {
	w.tb.Helper()
	id := w.id()
	d, r := w.state.CreateTask(domain.CreateTask{
		Actor: as(w.state.Project(project).AuthorID), ID: id, ProjectID: project, FreelancerID: freelancer, Title: title, Fresh: w.fresh,
	})
	w.must(r)
	w.append(d)
	return id
}

// move changes a task's status if the rules allow it.
func (w *world) move(by, task domain.ID, status domain.TaskStatus) {
	d, r := w.state.ChangeTaskStatus(domain.ChangeTaskStatus{Actor: as(by), TaskID: task, Status: status, Fresh: w.fresh})
	if r == nil {
		w.append(d)
	}
}

func (w *world) announce(title string) {
	w.tb.Helper()
	d, r := w.state.Announce(domain.MakeAnnouncement{Actor: as(w.admin), ID: w.id(), Title: title, Message: "<b>all</b> of you"})
	w.must(r)
	w.append(d)
}

func (w *world) notify(user domain.ID, title, link string) {
	w.tb.Helper()
	d, r := w.state.Notify(domain.CreateNotification{
		Actor: as(w.admin), ID: w.id(), UserID: user, Type: "note", Title: title, Message: "text", Link: link,
	})
	w.must(r)
	w.append(d)
}

// readAll has a user read each of his notifications, also those that he has read.
func (w *world) readAll(user domain.ID) {
	for _, e := range w.all() {
		data, err := domain.Decode(e)
		n, ok := data.(*domain.NotificationCreated)
		if err != nil || !ok || n.UserID != user {
			continue
		}
		d, r := w.state.ReadNotification(domain.ReadNotification{Actor: as(user), NotificationID: n.NotificationID, His: true})
		w.must(r)
		w.append(d)
	}
}

// workActs are what happens besides talk, in random histories.
var workActs = []string{"project", "task", "move", "move", "move", "announce", "notify", "read notifications", "join", "watch"}

// work does one of workActs. The sink's watcher begins to watch what is there.
func (w *world) work(rt *rapid.T, s *sink, act string, user, other domain.ID, title string) {
	var projects, tasks []domain.ID
	for _, e := range w.all() {
		switch data, _ := domain.Decode(e); d := data.(type) {
		case *domain.ProjectCreated:
			projects = append(projects, d.ProjectID)
		case *domain.TaskCreated:
			tasks = append(tasks, d.TaskID)
		}
	}
	switch {
	case act == "project":
		w.project(user, title)
	case act == "announce":
		w.announce(title)
	case act == "notify":
		w.notify(user, title, rapid.SampledFrom([]string{"", "/a?b=<c>"}).Draw(rt, "link"))
	case act == "read notifications":
		w.readAll(user)
	case act == "join":
		w.user()
	case len(projects) == 0:
	case act == "task":
		w.task(rapid.SampledFrom(projects).Draw(rt, "project"), other, title)
	case act == "watch":
		what := rapid.SampledFrom(append(projects, tasks...)).Draw(rt, "what")
		s.mu.Lock()
		if _, already := s.watched[what]; !already {
			s.watched[what] = w.Head()
		}
		s.mu.Unlock()
	case len(tasks) > 0:
		to := rapid.SampledFrom([]domain.TaskStatus{
			domain.TaskOpen, domain.TaskInProgress, domain.TaskInReview, domain.TaskDone, domain.TaskCancelled,
		}).Draw(rt, "status")
		w.move(rapid.SampledFrom([]domain.ID{user, w.admin}).Draw(rt, "by"), rapid.SampledFrom(tasks).Draw(rt, "task"), to)
	}
}

// TestWork has a task go its way, and names who gets which frame.
func TestWork(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), newSink()
	author, freelancer, other := w.user(), w.user(), w.user()
	w.guarded()
	s.registered, s.watcher = w.registered, w.admin
	p, _ := pusher(t, w, s, 3)
	before := w.Head()
	stop := run(t, p)
	project := w.project(author, "A \"bridge\"")
	s.mu.Lock()
	s.watched[project] = w.Head()
	s.mu.Unlock()
	task := w.task(project, freelancer, "Pillars")
	w.move(freelancer, task, domain.TaskInProgress)
	w.announce("Closed <tomorrow>")
	w.readAll(other)
	w.readAll(other)
	late := w.user()
	head := w.Head()
	s.wait(head)
	stop()

	told := "notification notification task_status_update notification announcement"
	for user, want := range map[domain.ID]string{
		author:     "task_status_update notification announcement",
		freelancer: told,
		other:      "notification announcement notification_read",
		w.admin:    "notification task_status_update announcement",
	} {
		var types []string
		for _, g := range s.of(user) {
			types = append(types, parse(t, g.frame)["type"].(string))
		}
		if got := strings.Join(types, " "); got != want {
			t.Errorf("%s: got %s, want %s", user, got, want)
		}
		caughtUp := collect(t, func(emit push.EmitFunc) error {
			return p.CatchUpWatching(t.Context(), user, s.watchedBy(user), before, head, emit)
		})
		same(t, w, user.String(), caughtUp, s.of(user))
	}
	if frames := collect(t, func(emit push.EmitFunc) error {
		return p.CatchUp(t.Context(), w.admin, before, head, emit)
	}); len(frames) != 2 {
		t.Errorf("without watching the admin got %v, want the notification and the announcement", frames)
	}
	if told := collect(t, func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), late, 0, head, emit) }); len(told) > 0 {
		t.Errorf("who came later is told of %v", told)
	}
}

func (s *sink) watchedBy(user domain.ID) push.Watched {
	if user == s.watcher {
		return s.watched
	}
	return nil
}
