package command

import (
	"context"

	"chainmail/domain"
)

// Notifications finds notifications of any age.
type Notifications interface {
	// Has reports whether a notification is the user's that is there by the position.
	Has(ctx context.Context, user, notification domain.ID, by domain.Position) (bool, error)
}

// UseNotifications says where notifications are found. It comes before the first that is read.
func (s *Service) UseNotifications(n Notifications) { s.notifications = n }

// Notification is one on its way in.
type Notification struct {
	UserID                     domain.ID
	Type, Title, Message, Link string // Link is empty for none
}

// Notify tells one user something, for an admin or a service.
func (s *Service) Notify(
	ctx context.Context, actor domain.Actor, n Notification, idempotencyKey string,
) (Made[*domain.NotificationCreated], error) {
	c := domain.CreateNotification{
		Actor: actor, ID: newID(), UserID: n.UserID, Type: n.Type, Title: n.Title, Message: n.Message, Link: n.Link,
		Salt: newSalt(), IdempotencyKey: idempotencyKey,
	}
	r := request{kind: domain.TypeNotificationCreated, actor: actor.ID, key: idempotencyKey}
	return once(ctx, s, r,
		func(first *domain.NotificationCreated) bool {
			return Notification{first.UserID, first.NotificationType, first.Title, first.Message, first.Link} == n
		},
		func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.Notify(c) })
}

// Announcement is one on its way in.
type Announcement struct{ Title, Message string }

// Announce tells everybody something, for an admin or a service.
func (s *Service) Announce(
	ctx context.Context, actor domain.Actor, n Announcement, idempotencyKey string,
) (Made[*domain.AnnouncementMade], error) {
	c := domain.MakeAnnouncement{
		Actor: actor, ID: newID(), Title: n.Title, Message: n.Message, Salt: newSalt(), IdempotencyKey: idempotencyKey,
	}
	r := request{kind: domain.TypeAnnouncementMade, actor: actor.ID, key: idempotencyKey}
	return once(ctx, s, r,
		func(first *domain.AnnouncementMade) bool { return Announcement{first.Title, first.Message} == n },
		func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.Announce(c) })
}

// ReadNotification notes that the actor has read a notification of his. A repeat stores nothing.
func (s *Service) ReadNotification(ctx context.Context, actor domain.Actor, notification domain.ID) (Done, error) {
	head, err := s.log.Fresh(ctx)
	if err != nil {
		return Done{}, err
	}
	his, err := s.notifications.Has(ctx, actor.ID, notification, head)
	if err != nil {
		return Done{}, err
	}
	c := domain.ReadNotification{Actor: actor, NotificationID: notification, His: his}
	return s.simple(ctx, func(state *domain.State) (domain.Decision, *domain.Refusal) { return state.ReadNotification(c) })
}
