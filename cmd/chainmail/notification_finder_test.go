package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
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

// A notification that was just made is waited for; one that is not there belongs to nobody.
func TestOwnerOfANotification(t *testing.T) {
	t.Parallel()
	log := eventstoretest.Open(t, pgtest.New(t).DSN)
	runner := projections.New(log, projections.Settings{}, slog.New(slog.DiscardHandler), notifications.Projection())
	finder := &notificationFinder{log.DB(), runner}
	user := domain.ID{6: 0x70, 8: 0x80, 15: 1}
	first, at := notified(t, log, user, 2)
	runProjections(t, runner)
	for i := byte(3); i < 8; i++ { // also while the table is behind
		if got, err := finder.Owner(t.Context(), first, at); err != nil || got != user {
			t.Errorf("got %s, %v, want %s", got, err, user)
		}
		first, at = notified(t, log, user, i)
	}
	if got, err := finder.Owner(t.Context(), domain.ID{15: 9}, at); err != nil || got != (domain.ID{}) {
		t.Errorf("got %s, %v, want nobody", got, err)
	}
}

// While the projection is stuck, those that its table has are found, and the others are not waited for.
func TestOwnerWhileStuck(t *testing.T) {
	t.Parallel()
	log := eventstoretest.Open(t, pgtest.New(t).DSN)
	runner := projections.New(log, projections.Settings{}, slog.New(slog.DiscardHandler), notifications.Projection())
	finder := &notificationFinder{log.DB(), runner}
	user := domain.ID{6: 0x70, 8: 0x80, 15: 1}
	first, _ := notified(t, log, user, 2)
	again := domain.NotificationRead{NotificationID: domain.ID{15: 77}, UserID: user} // of one that is not there
	_, err := log.Append(t.Context(), domain.Decision{
		Actor:  domain.Actor{Auth: domain.AuthSystem},
		Drafts: []domain.Draft{{Stream: domain.NotificationStream(user), Data: &again}},
	})
	if err != nil {
		t.Fatal(err)
	}
	late, at := notified(t, log, user, 3)
	runProjections(t, runner)
	if err := runner.Wait(t.Context(), notifications.Name, at); !errors.Is(err, projections.ErrStuck) {
		t.Fatalf("got %v, want ErrStuck", err)
	}
	if got, err := finder.Owner(t.Context(), first, at); err != nil || got != user {
		t.Errorf("one that is in the table: got %s, %v, want %s", got, err, user)
	}
	if got, err := finder.Owner(t.Context(), late, at); err != nil || got != (domain.ID{}) {
		t.Errorf("one that is not: got %s, %v, want nobody", got, err)
	}
}

// When the database is away, that is said, and that whoever asks gives up.
func TestOwnerUnknown(t *testing.T) {
	t.Parallel()
	log := eventstoretest.Open(t, pgtest.New(t).DSN)
	runner := projections.New(log, projections.Settings{}, slog.New(slog.DiscardHandler), notifications.Projection())
	closed, err := eventstore.OpenDB(pgtest.New(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := (&notificationFinder{closed, runner}).Owner(t.Context(), domain.ID{15: 1}, 0); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := (&notificationFinder{log.DB(), runner}).Owner(ctx, domain.ID{15: 1}, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the caller has given up", err)
	}
}

// runProjections runs a runner as long as the test.
func runProjections(t *testing.T, runner *projections.Runner) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run the projections: %v", err)
		}
	})
}
