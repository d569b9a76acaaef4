package notifications_test

import (
	"fmt"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/projections/notifications"
	"chainmail/projections/worktest"
)

// However a log is cut into batches, the table says what the log says.
func TestTableIsWhatTheLogSays(t *testing.T) {
	t.Parallel()
	worktest.CheckBuilds(t, worktest.Open(t, pgtest.New(t).DSN, notifications.Projection()), model)
}

// model looks for each notification at everything that comes after it.
func model(events []domain.Event, _ string) (rows []string) {
	for i, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			panic(err)
		}
		d, ok := data.(*domain.NotificationCreated)
		if !ok {
			continue
		}
		readAt, link := "NULL", "NULL"
		for _, later := range events[i:] {
			if later.Type == domain.TypeNotificationRead && strings.Contains(string(later.Payload), d.NotificationID.String()) {
				readAt = worktest.Time(later.RecordedAt)
			}
		}
		if d.Link != "" {
			link = d.Link
		}
		rows = append(rows, fmt.Sprintf("id=%s user_id=%s created_by=%s position=%d created_at=%s read_at=%s is_read=%t "+
			"notification_type=%s title=%s message=%s link=%s",
			d.NotificationID, d.UserID, d.CreatedBy, e.Position, worktest.Time(e.RecordedAt), readAt, readAt != "NULL",
			d.NotificationType, d.Title, d.Message, link))
	}
	return rows
}

func id(n byte) domain.ID { return domain.ID{6: 0x70, 8: 0x80, 15: n} }

// What no lawful log has stops the projection, in one batch as event by event, and changes nothing.
func TestWhatCannotBe(t *testing.T) {
	t.Parallel()
	user, other, one := id(1), id(2), id(9)
	created := worktest.Event(t, 1, &domain.NotificationCreated{
		NotificationID: one, UserID: user, NotificationType: "note", CreatedBy: other, Title: "Hello",
	})
	read := func(at domain.Position, by domain.ID) domain.Event {
		return worktest.Event(t, at, &domain.NotificationRead{NotificationID: one, UserID: by})
	}
	tests := map[string][]domain.Event{
		"none is there":        {read(1, user)},
		"read before it":       {read(0, user), created},
		"somebody else's":      {created, read(2, other)},
		"read twice":           {created, read(2, user), read(3, user)},
		"read twice, no other": {read(2, user), read(3, user)},
	}
	for name, events := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := worktest.Open(t, pgtest.New(t).DSN, notifications.Projection())
			for _, cuts := range [][]int{nil, {1}, {1, 2}} {
				err := x.Build(t.Context(), events, cuts)
				if err == nil || !strings.Contains(err.Error(), ": unread notifications: ") {
					t.Errorf("cut at %v: got %v, want that it is not there", cuts, err)
				}
			}
		})
	}
}

// A batch that is refused leaves no half of it.
func TestReadTwiceIsReadByNone(t *testing.T) {
	t.Parallel()
	x := worktest.Open(t, pgtest.New(t).DSN, notifications.Projection())
	created := worktest.Event(t, 1, &domain.NotificationCreated{
		NotificationID: id(9), UserID: id(1), NotificationType: "note", CreatedBy: id(2), Title: "Hello",
	})
	read := worktest.Event(t, 2, &domain.NotificationRead{NotificationID: id(9), UserID: id(1)})
	err := x.Build(t.Context(), []domain.Event{created, read, read}, []int{1})
	if err == nil || !strings.Contains(err.Error(), "unread notifications: 1 of 2 are there") {
		t.Errorf("got %v, want that one is not there", err)
	}
	rows, err := x.Rows(t.Context(), "notifications")
	if err != nil || len(rows) != 1 || !strings.Contains(rows[0], "is_read=false") {
		t.Errorf("got %v, %v, want it unread", rows, err)
	}
}

// What it is not about is passed over, also what a newer release wrote.
func TestOtherEventsArePassedOver(t *testing.T) {
	t.Parallel()
	x := worktest.Open(t, pgtest.New(t).DSN, notifications.Projection())
	err := x.Apply(t.Context(), domain.Event{Position: 1, Type: "BananaPeeled"},
		worktest.Event(t, 2, &domain.UserBlocked{UserID: id(1), BlockedID: id(2)}))
	if err != nil {
		t.Error(err)
	}
}
