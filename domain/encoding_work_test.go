package domain_test

import (
	"errors"
	"strings"
	"testing"

	"chainmail/domain"
)

// Each id is missing once, and each word that an event cannot be without.
func TestEncodeRefusesWorkWithoutIDs(t *testing.T) {
	t.Parallel()
	var none domain.ID
	task := func(change func(*domain.TaskCreated)) domain.Data {
		d := assigned(bob, alice)[0].(*domain.TaskCreated)
		change(d)
		return d
	}
	status := func(change func(*domain.TaskStatusChanged)) domain.Data {
		d := moved(domain.TaskOpen, domain.TaskDone, bob)[0].(*domain.TaskStatusChanged)
		change(d)
		return d
	}
	notice := func(change func(*domain.NotificationCreated)) domain.Data {
		d := notified(bob, root)[0].(*domain.NotificationCreated)
		change(d)
		return d
	}
	for name, d := range map[string]domain.Data{
		"no project":              &domain.ProjectCreated{AuthorID: alice, Title: "x"},
		"a project of nobody":     &domain.ProjectCreated{ProjectID: website, Title: "x"},
		"no task":                 task(func(d *domain.TaskCreated) { d.TaskID = none }),
		"a task of no project":    task(func(d *domain.TaskCreated) { d.ProjectID = none }),
		"a task of no author":     task(func(d *domain.TaskCreated) { d.AuthorID = none }),
		"a task for nobody":       task(func(d *domain.TaskCreated) { d.FreelancerID = none }),
		"a task by nobody":        task(func(d *domain.TaskCreated) { d.CreatedBy = none }),
		"a change of no task":     status(func(d *domain.TaskStatusChanged) { d.TaskID = none }),
		"a change of no project":  status(func(d *domain.TaskStatusChanged) { d.ProjectID = none }),
		"a change of no author":   status(func(d *domain.TaskStatusChanged) { d.AuthorID = none }),
		"a change for nobody":     status(func(d *domain.TaskStatusChanged) { d.FreelancerID = none }),
		"a change by nobody":      status(func(d *domain.TaskStatusChanged) { d.ChangedBy = none }),
		"a change from nothing":   status(func(d *domain.TaskStatusChanged) { d.PreviousStatus = "" }),
		"a change to nothing":     status(func(d *domain.TaskStatusChanged) { d.Status = "" }),
		"no notification":         notice(func(d *domain.NotificationCreated) { d.NotificationID = none }),
		"a notification to none":  notice(func(d *domain.NotificationCreated) { d.UserID = none }),
		"a notification by none":  notice(func(d *domain.NotificationCreated) { d.CreatedBy = none }),
		"a notification of none":  notice(func(d *domain.NotificationCreated) { d.NotificationType = "" }),
		"nothing read":            noted(none, bob)[0],
		"nobody who read":         noted(note, none)[0],
		"no announcement":         &domain.AnnouncementMade{AnnouncedBy: root, Title: "x"},
		"an announcement by none": &domain.AnnouncementMade{AnnouncementID: note, Title: "x"},
	} {
		if got, err := domain.Encode(d, as(alice)); err == nil {
			t.Errorf("%s: got %s", name, got.Payload)
		}
	}
}

func TestDecodeRefusesBodiesOfWork(t *testing.T) {
	t.Parallel()
	salted := `"salt":"` + strings.Repeat("0", 32) + `"}`
	for _, d := range []domain.Data{projects(alice)[0], assigned(bob, alice)[0], notified(bob, root)[0], announced(root)[0]} {
		for name, body := range map[string]string{
			"no JSON": `{`, "a list": `[]`, "no title": `{"message":"M",` + salted, "an empty title": `{"title":"","message":"M",` + salted,
			"a title that is none": `{"title":7,"message":"M",` + salted, "a short salt": `{"title":"T","message":"M","salt":"00"}`,
			"null": `null`,
		} {
			e := lawfulEvent(t, d, 1)
			e.Body = []byte(body)
			if got, err := domain.Decode(e); err == nil || errors.Is(err, domain.ErrUnknownType) {
				t.Errorf("%s with %s: got %+v, %v, want an error of the bytes", d.Type(), name, got, err)
			}
		}
	}
}

// What is gone with its body takes all words with it, the link too.
func TestErasedWork(t *testing.T) {
	t.Parallel()
	e := lawfulEvent(t, requested(notified(bob, root))[0], 1)
	e.Body = nil
	d, err := domain.Decode(e)
	if err != nil {
		t.Fatal(err)
	}
	got := d.(*domain.NotificationCreated)
	if got.Title != "" || got.Message != "" || got.Link != "" || got.Salt != (domain.Salt{}) {
		t.Errorf("got %+v", got)
	}
	if got.BodyHash == "" || *got.IdempotencyKey != requestKey || got.NotificationType != "invoice.paid" {
		t.Errorf("the payload is not as it was: %+v", got)
	}
}
