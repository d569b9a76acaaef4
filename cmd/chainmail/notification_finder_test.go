package main

import (
	"errors"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections/notifications"
)

// notified appends a notification and returns its id and position.
func notified(t *testing.T, log *eventstore.Log, user domain.ID, id byte) (domain.ID, domain.Position) {
	t.Helper()
	notification := domain.ID{6: 0x70, 8: 0x80, 15: id}
	results, err := log.Append(t.Context(), domain.Decision{
		Actor: domain.Actor{Auth: domain.AuthSystem},
		Drafts: []domain.Draft{{Stream: domain.NotificationStream(user), Data: &domain.NotificationCreated{
			NotificationID: notification, UserID: user, NotificationType: "note", CreatedBy: user, Title: "Hello",
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return notification, results[0].Events[0].Position
}

// A user has his notifications wherever the projection stands, and nobody else's.
func TestFindANotification(t *testing.T) {
	t.Parallel()
	log := eventstoretest.Open(t, pgtest.New(t).DSN)
	finder := notificationFinder{log}
	user, other := domain.ID{6: 0x70, 8: 0x80, 15: 1}, domain.ID{6: 0x70, 8: 0x80, 15: 2}
	first, _ := notified(t, log, user, 3)
	events, err := log.Read(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := log.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := notifications.Apply(t.Context(), tx, events); err != nil {
		t.Fatal(err)
	}
	_, err = tx.ExecContext(t.Context(), `
		INSERT INTO projection_offsets (projection, version, position, updated_at)
		VALUES ('notifications', 1, $1, now())`, int64(log.Head()))
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	late, at := notified(t, log, user, 4) // the projection stands still
	for _, want := range []struct {
		name               string
		user, notification domain.ID
		by                 domain.Position
		has                bool
	}{
		{"in the table", user, first, at, true},
		{"in the log alone", user, late, at, true},
		{"after what is asked about", user, late, at - 1, false},
		{"another's in the table", other, first, at, false},
		{"another's in the log", other, late, at, false},
		{"none", user, domain.ID{15: 9}, at, false},
	} {
		if has, err := finder.Has(t.Context(), want.user, want.notification, want.by); err != nil || has != want.has {
			t.Errorf("%s: got %v, %v, want %v", want.name, has, err, want.has)
		}
	}
	if _, err := log.DB().ExecContext(t.Context(), `ALTER TABLE notifications RENAME TO elsewhere`); err != nil {
		t.Fatal(err)
	}
	if _, err := finder.Has(t.Context(), user, first, at); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("without the table: got %v, want ErrUnavailable", err)
	}
}
