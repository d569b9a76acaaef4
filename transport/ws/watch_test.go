package ws_test

import (
	"context"
	"testing"

	"chainmail/domain"
	"chainmail/transport/command"
	"chainmail/transport/ws"
	"chainmail/transport/ws/wstest"
)

// job is a project with a task.
type job struct{ author, freelancer, project, task domain.ID }

func newJob(t *testing.T, s *wstest.Server) job {
	t.Helper()
	j := job{author: s.User("Author"), freelancer: s.User("Freelancer")}
	p, err := s.Commands.CreateProject(t.Context(), actor(j.author), "Bridge", "")
	if err != nil {
		t.Fatal(err)
	}
	j.project = p.Data.ProjectID
	j.task = addTask(t, s, j)
	return j
}

func addTask(t *testing.T, s *wstest.Server, j job) domain.ID {
	t.Helper()
	made, err := s.Commands.CreateTask(t.Context(), actor(j.author), command.Task{
		ProjectID: j.project, FreelancerID: j.freelancer, Title: "Pillars",
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	return made.Data.TaskID
}

func (j job) move(t *testing.T, s *wstest.Server, task domain.ID, to domain.TaskStatus) domain.Position {
	t.Helper()
	done, err := s.Commands.ChangeTaskStatus(t.Context(), actor(j.freelancer), task, to)
	if err != nil || !done.Changed {
		t.Fatalf("got %v, %v", done, err)
	}
	return done.Position
}

func actor(user domain.ID) domain.Actor { return domain.Actor{ID: user, Auth: domain.AuthToken} }

// TestWatch: those whom a task concerns are told on all their connections, others where they have subscribed, each
// connection once.
func TestWatch(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	j := newJob(t, s)
	admin, stranger := s.UserOf(domain.RoleAdmin, "Admin"), s.User("Stranger")
	task, project := "task:"+j.task.String(), "project:"+j.project.String()

	author, freelancer, watching, idle, other := s.Connect(j.author), s.Connect(j.freelancer), s.Connect(admin), s.Connect(admin), s.Connect(stranger)
	for _, channel := range []string{task, project, task} {
		for _, c := range []*wstest.Client{author, watching} {
			c.Send(Is{"type": "subscribe", "channel": channel, "ref": 7})
			if got := c.Expect("subscribed"); got.Text("channel") != channel || got.Int("ref") != 7 {
				t.Errorf("subscribe to %s: got %v", channel, got)
			}
		}
	}
	freelancer.Send(Is{"type": "subscribe", "channel": task})
	freelancer.Expect("subscribed")
	for channel, c := range map[string]*wstest.Client{project: freelancer, task: other} {
		for _, kind := range []string{"subscribe", "unsubscribe"} {
			c.Send(Is{"type": kind, "channel": channel})
			if got := c.Expect("error"); got.Text("code") != "forbidden" || got.Text("field") != "channel" {
				t.Errorf("%s: got %v, want forbidden", kind, got)
			}
		}
	}
	j.move(t, s, j.task, domain.TaskInProgress)
	for _, c := range []*wstest.Client{author, freelancer, watching} {
		got := c.Expect("task_status_update")
		if got.Text("task_id") != j.task.String() || got.Text("project_id") != j.project.String() ||
			got.Text("status") != "in_progress" || got.Text("updated_by") != j.freelancer.String() {
			t.Errorf("got %v", got)
		}
	}
	author.Expect("notification")
	freelancer.Expect("notification")
	for _, c := range []*wstest.Client{author, freelancer, watching, idle, other} {
		c.Send(Is{"type": "ping"})
		c.Expect("pong") // nothing came twice, and nothing to others
	}

	watching.Send(Is{"type": "unsubscribe", "channel": task})
	watching.Expect("unsubscribed")
	j.move(t, s, j.task, domain.TaskInReview)
	watching.Expect("task_status_update") // by the project
	watching.Send(Is{"type": "unsubscribe", "channel": project})
	watching.Expect("unsubscribed")
	j.move(t, s, j.task, domain.TaskDone)
	s.Settle()
	watching.Send(Is{"type": "ping"})
	watching.Expect("pong")
	if !s.WS.Watched(j.task, j.project) {
		t.Error("nobody watches while some are connected")
	}
	for _, c := range []*wstest.Client{author, freelancer} {
		c.Hang()
	}
	s.Eventually("nobody watches when those who did are gone", func() bool { return !s.WS.Watched(j.task, j.project) })
}

// TestWatchWhileCatchingUp: what happens between a subscription and synced is not lost, and what was before it is not repeated.
func TestWatchWhileCatchingUp(t *testing.T) {
	t.Parallel()
	hook := new(between)
	s := wstest.Start(t, wstest.Options{Pushes: func(p ws.Pushes) ws.Pushes { hook.Pushes = p; return hook }})
	j := newJob(t, s)
	second := addTask(t, s, j)
	admin := s.UserOf(domain.RoleAdmin, "Admin")
	j.move(t, s, j.task, domain.TaskInProgress)
	s.Settle()

	subscribed := make(chan struct{})
	hook.before = func() { <-subscribed } // the connection stands aside: pushes pass it by
	c := s.Dial(admin, "")
	c.Expect("authenticated")
	c.Send(Is{"type": "subscribe", "channel": "project:" + j.project.String()})
	c.Expect("subscribed")
	at := j.move(t, s, second, domain.TaskInProgress)
	s.Settle()
	close(subscribed)
	got := c.Expect("task_status_update")
	if got.Text("task_id") != second.String() || got.Int("position") > int64(at) {
		t.Errorf("got %v, want the change of %s", got, second)
	}
	c.Expect("synced")

	j.move(t, s, second, domain.TaskInReview)
	c.Expect("task_status_update")
	c.Send(Is{"type": "sync", "since": 0})
	c.Expect("synced")
}

// held is a view that lets those who wait for it wait longer.
type held struct {
	ws.View
	release chan struct{}
}

func (v *held) Wait(ctx context.Context, position domain.Position) error {
	select {
	case <-v.release:
	case <-ctx.Done():
	}
	return v.View.Wait(ctx, position)
}

// TestWatchBeforeCatchingUp: nor is lost what happens while a new connection waits for the view.
func TestWatchBeforeCatchingUp(t *testing.T) {
	t.Parallel()
	view := &held{release: make(chan struct{})}
	s := wstest.Start(t, wstest.Options{Configure: func(c *ws.Config) { view.View = c.View; c.View = view }})
	j := newJob(t, s)
	admin := s.UserOf(domain.RoleAdmin, "Admin")
	s.Settle()
	first, second := s.Dial(admin, ""), s.Dial(admin, "since=1000000") // beyond the head: as without
	for _, c := range []*wstest.Client{first, second} {
		c.Expect("authenticated")
		c.Send(Is{"type": "subscribe", "channel": "task:" + j.task.String()})
		c.Expect("subscribed")
	}
	j.move(t, s, j.task, domain.TaskInProgress)
	s.Settle()
	close(view.release)
	for _, c := range []*wstest.Client{first, second} {
		if c == second {
			c.Expect("error")
		}
		c.Expect("task_status_update")
		c.Expect("synced")
	}
}

// TestAnnouncement reaches everybody, and once more those who were registered before.
func TestAnnouncement(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, admin := s.User("Ann"), s.UserOf(domain.RoleAdmin, "Admin")
	live, own := s.Connect(ann), s.Connect(admin)
	made, err := s.Commands.Announce(t.Context(), actor(admin), command.Announcement{Title: "Tonight", Message: "<closed>"}, "")
	if err != nil {
		t.Fatal(err)
	}
	late := s.User("Late")
	again := s.Dial(ann, "since=0")
	again.Expect("authenticated")
	for _, c := range []*wstest.Client{live, own, again} {
		got := c.Expect("announcement")
		if got.Text("title") != "Tonight" || got.Text("message") != "<closed>" || got.Int("position") != int64(made.Position) || !got.Has("timestamp") {
			t.Errorf("got %v", got)
		}
	}
	new := s.Dial(late, "since=0")
	new.Expect("authenticated")
	new.Expect("synced")
}

// TestTooManySubscriptions are refused, and room is made by ending one.
func TestTooManySubscriptions(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	author := s.User("Author")
	c := s.Connect(author)
	var first string
	for i := range 1_001 {
		p, err := s.Commands.CreateProject(t.Context(), actor(author), "Bridge", "")
		if err != nil {
			t.Fatal(err)
		}
		channel := "project:" + p.Data.ProjectID.String()
		c.Send(Is{"type": "subscribe", "channel": channel})
		switch {
		case i == 0:
			first = channel
			c.Expect("subscribed")
		case i < 1_000:
			c.Expect("subscribed")
		default:
			if got := c.Expect("error"); got.Text("code") != "too_large" {
				t.Errorf("got %v, want too_large", got)
			}
			c.Send(Is{"type": "unsubscribe", "channel": first})
			c.Expect("unsubscribed")
			c.Send(Is{"type": "subscribe", "channel": channel})
			c.Expect("subscribed")
		}
	}
}
