package state_test

import (
	"testing"

	"chainmail/domain"
)

// What other projections are about changes nothing here.
func TestWorkIsPassedOver(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	user := h.register("Ada", domain.RoleMember)
	mustApply(t, db, h.events)
	want, err := dump(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.events)
	project, task, told := h.id(), h.id(), h.id()
	for _, data := range []domain.Data{
		&domain.ProjectCreated{ProjectID: project, AuthorID: user, Title: "a project"},
		&domain.TaskCreated{TaskID: task, ProjectID: project, AuthorID: user, FreelancerID: user, CreatedBy: user, Title: "a task"},
		&domain.TaskStatusChanged{
			TaskID: task, ProjectID: project, AuthorID: user, FreelancerID: user, ChangedBy: user,
			PreviousStatus: domain.TaskOpen, Status: domain.TaskDone,
		},
		&domain.NotificationCreated{NotificationID: told, UserID: user, NotificationType: "note", CreatedBy: user, Title: "Hello"},
		&domain.NotificationRead{NotificationID: told, UserID: user},
		&domain.AnnouncementMade{AnnouncementID: h.id(), AnnouncedBy: user, Title: "All"},
	} {
		h.add("x", data, as(user))
	}
	mustApply(t, db, h.events[before:])
	got, err := dump(t.Context(), db)
	if err != nil || len(got) != len(want) || got[0] != want[0] {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}
