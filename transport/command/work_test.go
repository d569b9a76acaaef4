package command_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/command"
	"chainmail/transport/judge/judgetest"
)

// Has is command.Notifications.
func (h history) Has(ctx context.Context, user, notification domain.ID, by domain.Position) (his bool, err error) {
	facts, err := readAll(ctx, h.log)
	for _, f := range facts {
		if n, ok := f.data.(*domain.NotificationCreated); ok && n.NotificationID == notification && f.Position <= by {
			his = n.UserID == user
		}
	}
	return his, err
}

// newPair returns two servers of one log.
func newPair(t *testing.T) [2]*server {
	t.Helper()
	db := pgtest.New(t)
	pair := [2]*server{newServer(t, db.DSN), newServer(t, db.DSN)}
	for _, s := range pair {
		s.UseNotifications(history{s.log})
	}
	return pair
}

// TestOnce makes things on two servers at once under one key: one of each is made, and all hear of the same one.
func TestOnce(t *testing.T) {
	t.Parallel()
	pair := newPair(t)
	admin, ann, bob := pair[0].admin(t), pair[0].user(t, "ann"), pair[0].user(t, "bob")
	project, err := pair[0].CreateProject(t.Context(), ann, "Bridge", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, projectID := t.Context(), project.Data.ProjectID
	for name, create := range map[string]func(s *server, key, title string) (domain.ID, bool, error){
		"group": func(s *server, key, title string) (domain.ID, bool, error) {
			id, done, err := s.Start(ctx, ann, []domain.ID{bob.ID}, title, key)
			return id, !done.Changed, err
		},
		"project": func(s *server, key, title string) (domain.ID, bool, error) {
			m, err := s.CreateProject(ctx, ann, title, key)
			return idOf(m, func(d *domain.ProjectCreated) domain.ID { return d.ProjectID }), m.Duplicate, err
		},
		"task": func(s *server, key, title string) (domain.ID, bool, error) {
			m, err := s.CreateTask(ctx, ann, command.Task{ProjectID: projectID, FreelancerID: bob.ID, Title: title}, key)
			return idOf(m, func(d *domain.TaskCreated) domain.ID { return d.TaskID }), m.Duplicate, err
		},
		"notification": func(s *server, key, title string) (domain.ID, bool, error) {
			n := command.Notification{UserID: bob.ID, Type: "note", Title: title, Message: "text", Link: "/here"}
			m, err := s.Notify(ctx, admin, n, key)
			return idOf(m, func(d *domain.NotificationCreated) domain.ID { return d.NotificationID }), m.Duplicate, err
		},
		"announcement": func(s *server, key, title string) (domain.ID, bool, error) {
			m, err := s.Announce(ctx, admin, command.Announcement{Title: title, Message: "text"}, key)
			return idOf(m, func(d *domain.AnnouncementMade) domain.ID { return d.AnnouncementID }), m.Duplicate, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var (
				group sync.WaitGroup
				mu    sync.Mutex
				ids   = make(map[domain.ID]int)
				first int
			)
			for i := range 20 {
				group.Go(func() {
					id, duplicate, err := create(pair[i%2], "key", "Pillars")
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
					}
					if ids[id]++; !duplicate {
						first++
					}
				})
			}
			group.Wait()
			if len(ids) != 1 || first != 1 {
				t.Errorf("%d were made, and %d calls say they made one", len(ids), first)
			}
			_, _, err := create(pair[1], "key", "Cables")
			wantRefusal(t, "another thing under the key", err, domain.InvalidField, "idempotency_key")
			for _, key := range []string{"other key", "", ""} {
				id, duplicate, err := create(pair[1], key, "Pillars")
				if _, known := ids[id]; known || duplicate || err != nil {
					t.Errorf("with the key %q: got %s, duplicate %v, %v, want another", key, id, duplicate, err)
				}
			}
		})
	}

	// What could be done at first is answered like that when it could no longer be done.
	pair[0].must(t)(pair[0].Deactivate(ctx, domain.Actor{Auth: domain.AuthCLI}, bob.ID))
	t1 := command.Task{ProjectID: projectID, FreelancerID: bob.ID, Title: "Pillars"}
	if m, err := pair[1].CreateTask(ctx, ann, t1, "key"); err != nil || !m.Duplicate {
		t.Errorf("a repeat after the freelancer has gone: got %+v, %v", m, err)
	}
	_, err = pair[1].CreateTask(ctx, ann, t1, "new key")
	wantRefusal(t, "a new task for one who has gone", err, domain.ReceiverNotFound, "freelancer_id")
}

func idOf[T domain.Data](m command.Made[T], id func(T) domain.ID) domain.ID {
	if m.Position == 0 {
		return domain.ID{}
	}
	return id(m.Data)
}

// TestStatusRace has two people change a task on two servers at once. Each change follows from the one before.
func TestStatusRace(t *testing.T) {
	t.Parallel()
	pair := newPair(t)
	ann, bob := pair[0].user(t, "ann"), pair[1].user(t, "bob")
	project, err := pair[0].CreateProject(t.Context(), ann, "Bridge", "")
	if err != nil {
		t.Fatal(err)
	}
	made, err := pair[0].CreateTask(t.Context(), ann, command.Task{
		ProjectID: project.Data.ProjectID, FreelancerID: bob.ID, Title: "Pillars",
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	task := made.Data.TaskID
	var group sync.WaitGroup
	for i, who := range []domain.Actor{ann, bob, ann, bob} {
		group.Go(func() {
			for range 15 {
				for _, to := range []domain.TaskStatus{domain.TaskInProgress, domain.TaskInReview, domain.TaskOpen} {
					_, err := pair[i%2].ChangeTaskStatus(t.Context(), who, task, to)
					if err != nil && !errors.Is(err, &domain.Refusal{Code: domain.Conflict}) {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	status, changes := domain.TaskOpen, 0
	all := pair[0].facts(t, 0)
	for i, f := range all {
		d, ok := f.data.(*domain.TaskStatusChanged)
		if !ok {
			continue
		}
		if d.PreviousStatus != status || !slices.Contains(status.Next(), d.Status) {
			t.Fatalf("at %d: %s to %s, and the task was %s", f.Position, d.PreviousStatus, d.Status, status)
		}
		status = d.Status
		changes++
		for j, who := range []domain.ID{bob.ID, ann.ID} {
			n, ok := all[i+1+j].data.(*domain.NotificationCreated)
			if !ok || n.UserID != who || n.NotificationType != "task_status_changed" || n.CreatedBy != d.ChangedBy || n.Link != "/tasks/"+task.String() {
				t.Errorf("after %d: got %+v, want the notification of %s", f.Position, all[i+1+j].data, who)
			}
		}
	}
	if changes < 3 {
		t.Errorf("only %d changes", changes)
	}
}

// TestReadNotification is done once, by the one whose it is, also when two of his devices do it at once.
func TestReadNotification(t *testing.T) {
	t.Parallel()
	pair := newPair(t)
	admin, ann, bob := pair[0].admin(t), pair[0].user(t, "ann"), pair[0].user(t, "bob")
	made, err := pair[0].Notify(t.Context(), admin, command.Notification{UserID: bob.ID, Type: "note", Title: "One", Message: "text"}, "")
	if err != nil {
		t.Fatal(err)
	}
	id := made.Data.NotificationID
	for _, who := range []domain.Actor{ann, admin} {
		_, err := pair[1].ReadNotification(t.Context(), who, id)
		wantRefusal(t, "another's", err, domain.NotFound, "id")
	}
	_, err = pair[1].ReadNotification(t.Context(), bob, bob.ID)
	wantRefusal(t, "none", err, domain.NotFound, "id")
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			if _, err := pair[i%2].ReadNotification(t.Context(), bob, id); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	pair[0].wantTypes(t, made.Position, domain.TypeNotificationRead)
}

// TestTitlesOfWorkAreJudged: nothing is stored of what the guard blocks.
func TestTitlesOfWorkAreJudged(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	project, err := s.CreateProject(t.Context(), ann, "Bridge", "")
	if err != nil {
		t.Fatal(err)
	}
	before := s.head(t)
	_, byProject := s.CreateProject(t.Context(), ann, judgetest.Scam, "")
	_, byTask := s.CreateTask(t.Context(), ann, command.Task{
		ProjectID: project.Data.ProjectID, FreelancerID: bob.ID, Title: judgetest.Scam,
	}, "")
	for _, err := range []error{byProject, byTask} {
		var blocked *command.Blocked
		if !errors.As(err, &blocked) || blocked.Field != "title" {
			t.Errorf("got %v, want a blocked title", err)
		}
	}
	s.wantTypes(t, before)
}
