package domain_test

import (
	"slices"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// workRules is what the rules of projects, tasks and notifications have to remember.
type workRules struct {
	projects map[domain.ID]*domain.ProjectCreated
	tasks    map[domain.ID]*domain.TaskCreated
	status   map[domain.ID]domain.TaskStatus
	notices  map[domain.ID]*domain.NotificationCreated
	follows  map[domain.Position]bool // where a notification is that follows from an act
}

func newWorkRules() workRules {
	return workRules{
		projects: make(map[domain.ID]*domain.ProjectCreated), tasks: make(map[domain.ID]*domain.TaskCreated),
		status: make(map[domain.ID]domain.TaskStatus), notices: make(map[domain.ID]*domain.NotificationCreated),
		follows: make(map[domain.Position]bool),
	}
}

// checkWork has the rules of projects, tasks and notifications.
func (r *rules) checkWork(t *rapid.T, l *log, e domain.Event) {
	must := func(ok bool, rule string) {
		if !ok {
			t.Fatalf("%s at %d: %s: %s", e.Type, e.Position, rule, e.Payload)
		}
	}
	switch d := decode(t, e).(type) {
	case *domain.ProjectCreated:
		must(r.active[d.AuthorID] && r.work.projects[d.ProjectID] == nil, "a project begins once, by somebody")
		r.request(t, e, d.AuthorID, d.IdempotencyKey)
		r.work.projects[d.ProjectID] = d
		told := r.told(t, l, e, "project_created", d.AuthorID)
		must(slices.IsSortedFunc(told, domain.ID.Compare) && !slices.Contains(told, d.AuthorID), "others are told in order")
		for user, active := range r.active {
			must(!active || user == d.AuthorID || slices.Contains(told, user), "everybody is told")
		}
	case *domain.TaskCreated:
		p := r.work.projects[d.ProjectID]
		must(p != nil && r.work.tasks[d.TaskID] == nil, "a task begins once, in a project")
		must(d.AuthorID == p.AuthorID && r.runs(l, d.CreatedBy, p) && r.active[d.FreelancerID], "authors assign to somebody")
		r.request(t, e, d.CreatedBy, d.IdempotencyKey)
		r.work.tasks[d.TaskID], r.work.status[d.TaskID] = d, domain.TaskOpen
		want := []domain.ID{d.FreelancerID}
		if d.CreatedBy == d.FreelancerID {
			want = nil
		}
		must(slices.Equal(r.told(t, l, e, "task_assigned", d.CreatedBy), want), "who gets a task learns of it")
	case *domain.TaskStatusChanged:
		r.checkStatus(t, l, e, d)
	case *domain.NotificationCreated:
		must(r.work.notices[d.NotificationID] == nil, "a notification comes once")
		r.work.notices[d.NotificationID] = d
		r.request(t, e, d.CreatedBy, d.IdempotencyKey)
		must(r.active[d.CreatedBy], "who ended his account does nothing")
		must(r.work.follows[e.Position] || tells(l, d.CreatedBy) && r.active[d.UserID], "members tell nobody anything")
	case *domain.NotificationRead:
		n := r.work.notices[d.NotificationID]
		must(n != nil && n.UserID == d.UserID && r.active[d.UserID], "everybody reads his own")
		must(!r.once[[2]any{"noted", d.NotificationID}], "a notification is read once")
		r.once[[2]any{"noted", d.NotificationID}] = true
	case *domain.AnnouncementMade:
		must(r.active[d.AnnouncedBy] && tells(l, d.AnnouncedBy), "admins and services announce")
		r.request(t, e, d.AnnouncedBy, d.IdempotencyKey)
	}
}

func (r *rules) checkStatus(t *rapid.T, l *log, e domain.Event, d *domain.TaskStatusChanged) {
	must := func(ok bool, rule string) {
		if !ok {
			t.Fatalf("%s at %d: %s: %s", e.Type, e.Position, rule, e.Payload)
		}
	}
	c := r.work.tasks[d.TaskID]
	must(c != nil && c.ProjectID == d.ProjectID && c.AuthorID == d.AuthorID && c.FreelancerID == d.FreelancerID, "a task stays what it is")
	must(d.ChangedBy == c.FreelancerID || r.runs(l, d.ChangedBy, r.work.projects[d.ProjectID]), "others don't meddle")
	must(r.active[d.ChangedBy], "who ended his account does nothing")
	must(r.work.status[d.TaskID] == d.PreviousStatus && moves[d.PreviousStatus][d.Status], "one status after the other")
	r.work.status[d.TaskID] = d.Status
	told := r.told(t, l, e, "task_status_changed", d.ChangedBy)
	both := slices.Compact([]domain.ID{d.FreelancerID, d.AuthorID})
	both = slices.DeleteFunc(both, func(user domain.ID) bool { return !r.active[user] && !slices.Contains(told, user) })
	must(slices.Equal(told, both), "freelancer and author are told, in this order")
}

// told lists whom the notifications right after an act tell of it.
func (r *rules) told(t *rapid.T, l *log, e domain.Event, kind string, by domain.ID) []domain.ID {
	var users []domain.ID
	for _, next := range l.events[e.Position:] {
		n, ok := decode(t, next).(*domain.NotificationCreated)
		if !ok || n.NotificationType != kind || n.CreatedBy != by || n.IdempotencyKey != nil {
			break
		}
		r.work.follows[next.Position] = true
		users = append(users, n.UserID)
	}
	return users
}

// request is for what carries an idempotency_key: one of a kind a user.
func (r *rules) request(t *rapid.T, e domain.Event, user domain.ID, key *string) {
	if key == nil {
		return
	}
	k := [3]any{e.Type, user, *key}
	if r.once[k] {
		t.Fatalf("%s at %d: an idempotency_key is used once: %s", e.Type, e.Position, e.Payload)
	}
	r.once[k] = true
}

func (r *rules) runs(l *log, user domain.ID, p *domain.ProjectCreated) bool {
	return r.active[user] && (user == p.AuthorID || tells(l, user))
}

func tells(l *log, user domain.ID) bool { return l.state.User(user).Role != domain.RoleMember }
