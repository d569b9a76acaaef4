package restore_test

import (
	"testing"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// work is what was made once, under an idempotency_key or not.
type work struct {
	group     domain.StartConversation
	project   domain.CreateProject
	task      domain.CreateTask
	told      domain.CreateNotification
	announced domain.MakeAnnouncement
	read      domain.ReadNotification
}

func fresh() (domain.ID, domain.Salt) { return newID(), domain.Salt(newID()) }

// labour has an author and a freelancer work. The author is an admin.
func (o *original) labour(author, freelancer domain.ID) {
	o.t.Helper()
	helper := newID()
	o.may(o.state.Register(domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: helper, Name: "Helper", Role: domain.RoleMember,
	}))
	o.work.group = domain.StartConversation{
		Actor: as(author), ID: newID(), ParticipantIDs: []domain.ID{helper}, Title: "Crew", IdempotencyKey: "key",
	}
	d, _, r := o.state.Start(o.work.group)
	o.may(d, r)
	o.work.project = domain.CreateProject{Actor: as(author), ID: newID(), Title: "Website", IdempotencyKey: "key", Fresh: fresh}
	o.may(o.state.CreateProject(o.work.project))
	o.work.task = domain.CreateTask{
		Actor: as(author), ID: newID(), ProjectID: o.work.project.ID, FreelancerID: freelancer, Title: "Logo",
		IdempotencyKey: "key", Fresh: fresh,
	}
	o.may(o.state.CreateTask(o.work.task))
	o.may(o.state.ChangeTaskStatus(domain.ChangeTaskStatus{
		Actor: as(freelancer), TaskID: o.work.task.ID, Status: domain.TaskInProgress, Fresh: fresh,
	}))
	o.work.told = domain.CreateNotification{
		Actor: as(author), ID: newID(), UserID: freelancer, Type: "news", Title: "News", Message: "none", Link: "/x", IdempotencyKey: "key",
	}
	o.may(o.state.Notify(o.work.told))
	o.work.announced = domain.MakeAnnouncement{
		Actor: as(author), ID: newID(), Title: "Welcome", Message: "all", IdempotencyKey: "key",
	}
	o.may(o.state.Announce(o.work.announced))
	o.work.read = domain.ReadNotification{Actor: as(freelancer), NotificationID: o.work.told.ID, His: true}
	o.may(o.state.ReadNotification(o.work.read))
	o.may(o.state.CreateProject(domain.CreateProject{Actor: as(freelancer), ID: newID(), Title: "No key", Fresh: fresh}))
}

// What was made under an idempotency_key is not made again, and is found by it; what was read stays read.
func TestRestoredLogRefusesRepeatsOfRequests(t *testing.T) {
	t.Parallel()
	o := newOriginal(t)
	db := pgtest.New(t)
	fill(t, open(t, db.DSN), o.events, 4)
	log := eventstoretest.Open(t, db.DSN)
	w := o.work
	author := w.project.Actor.ID
	w.project.ID, w.task.ID, w.told.ID, w.announced.ID = newID(), newID(), newID(), newID()
	w.group.ID = newID()
	for name, test := range map[string]struct {
		decide func() (domain.Decision, *domain.Refusal)
		key    domain.Key
		holder domain.Type
	}{
		"a conversation": {
			func() (domain.Decision, *domain.Refusal) {
				d, _, r := o.state.Start(w.group)
				return d, r
			},
			domain.RequestKey(domain.TypeConversationStarted, author, "key"), domain.TypeConversationStarted,
		},
		"a project": {
			func() (domain.Decision, *domain.Refusal) { return o.state.CreateProject(w.project) },
			domain.RequestKey(domain.TypeProjectCreated, author, "key"), domain.TypeProjectCreated,
		},
		"a task": {
			func() (domain.Decision, *domain.Refusal) { return o.state.CreateTask(w.task) },
			domain.RequestKey(domain.TypeTaskCreated, author, "key"), domain.TypeTaskCreated,
		},
		"a notification": {
			func() (domain.Decision, *domain.Refusal) { return o.state.Notify(w.told) },
			domain.RequestKey(domain.TypeNotificationCreated, author, "key"), domain.TypeNotificationCreated,
		},
		"an announcement": {
			func() (domain.Decision, *domain.Refusal) { return o.state.Announce(w.announced) },
			domain.RequestKey(domain.TypeAnnouncementMade, author, "key"), domain.TypeAnnouncementMade,
		},
		"a reading": {
			func() (domain.Decision, *domain.Refusal) { return o.state.ReadNotification(w.read) },
			domain.NotificationReadKey(o.work.told.ID), domain.TypeNotificationRead,
		},
	} {
		d, refusal := test.decide()
		if refusal != nil {
			t.Fatalf("%s: %v", name, refusal)
		}
		results, err := log.Append(t.Context(), d)
		if err != nil || len(results[0].Events) > 0 || results[0].Duplicate == 0 {
			t.Errorf("%s: %+v, %v", name, results, err)
		}
		at, err := log.Holder(t.Context(), test.key)
		if err != nil {
			t.Fatal(err)
		}
		events, err := log.At(t.Context(), at)
		if err != nil || len(events) != 1 || events[0].Type != test.holder {
			t.Errorf("%s: the key leads to %v, %v", name, events, err)
		}
	}
	// The log goes on: the freelancer may still be told, and the task be changed.
	for _, decide := range []func() (domain.Decision, *domain.Refusal){
		func() (domain.Decision, *domain.Refusal) {
			w.told.IdempotencyKey = "new"
			return o.state.Notify(w.told)
		},
		func() (domain.Decision, *domain.Refusal) {
			return o.state.ChangeTaskStatus(domain.ChangeTaskStatus{
				Actor: as(author), TaskID: o.work.task.ID, Status: domain.TaskInReview, Fresh: fresh,
			})
		},
	} {
		d, refusal := decide()
		if refusal != nil {
			t.Fatal(refusal)
		}
		if results, err := log.Append(t.Context(), d); err != nil || len(results[0].Events) == 0 {
			t.Errorf("%+v: %+v, %v", d.Drafts[0].Data, results, err)
		}
	}
}
