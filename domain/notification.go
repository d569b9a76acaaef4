package domain

import (
	"net/url"
	"strings"
)

// Limits of what is told, in bytes.
const (
	MaxNotice           = 2_000 // the message of a notification or an announcement
	MaxLink             = 2_000
	MaxNotificationType = 64
)

// The types of the notifications that follow from an act.
const (
	kindProject = "project_created"
	kindTask    = "task_assigned"
	kindStatus  = "task_status_changed"
)

// Fresh makes an id and a salt that were never used.
type Fresh func() (ID, Salt)

// CreateNotification is the wish of an admin or a service that one user learns something. ID is fresh.
type CreateNotification struct {
	Actor          Actor
	ID             ID
	UserID         ID
	Type           string // a word: letters, digits and _.:-
	Title          string
	Message        string
	Link           string // a path, or an address of http or https; empty for none
	Salt           Salt
	IdempotencyKey string // empty for none
}

// Notify decides a CreateNotification.
func (s *State) Notify(c CreateNotification) (Decision, *Refusal) {
	if r := c.check(); r != nil {
		return Decision{}, r
	}
	d, r := s.beginOnce(c.Actor, TypeNotificationCreated, c.IdempotencyKey)
	if r != nil {
		return Decision{}, r
	}
	if !s.users[c.Actor.ID].Role.tells() {
		return Decision{}, refuse(Forbidden, "", "only an admin or a service notifies others")
	}
	s.expectUser(d, c.UserID)
	if !s.Active(c.UserID) {
		return Decision{}, refuse(ReceiverNotFound, "user_id", "there is no such user, or the account is inactive")
	}
	fresh := func() (ID, Salt) { return c.ID, c.Salt }
	d.notify(c.UserID, notice{
		kind: c.Type, title: c.Title, message: c.Message, link: c.Link, idempotencyKey: c.IdempotencyKey,
	}, fresh)
	return *d, nil
}

func (c *CreateNotification) check() *Refusal {
	if !isWord(c.Type) {
		return refuse(InvalidField, "notification_type", "notification_type is 1 to 64 letters, digits and _.:-")
	}
	if r := checkNotice(c.Title, c.Message); r != nil {
		return r
	}
	return checkLink(c.Link)
}

func isWord(text string) bool {
	if text == "" || len(text) > MaxNotificationType {
		return false
	}
	for _, b := range []byte(text) {
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte("_.:-", b) >= 0) {
			return false
		}
	}
	return true
}

func checkNotice(title, message string) *Refusal {
	if r := CheckTitle(title); r != nil {
		return r
	}
	return checkText("message", message, MaxNotice, true)
}

// checkLink refuses what would lead a browser elsewhere than it says: of a path that begins with // or /\ it makes another host.
func checkLink(link string) *Refusal {
	const field, advice = "link", "link is a path such as /tasks/7, or an address of http or https"
	if link == "" {
		return nil
	}
	if r := checkText(field, link, MaxLink, false); r != nil {
		return r
	}
	u, err := url.Parse(link)
	switch {
	case err != nil, strings.ContainsAny(link, " \\"):
	case strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//"):
		return nil
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil:
		return nil
	}
	return refuse(InvalidField, field, advice)
}

// notice is what a user is told.
type notice struct{ kind, title, message, link, idempotencyKey string }

func (d *Decision) notify(user ID, n notice, fresh Fresh) {
	id, salt := fresh()
	d.draft(NotificationStream(user), &NotificationCreated{
		NotificationID: id, UserID: user, NotificationType: n.kind, CreatedBy: d.Actor.ID,
		IdempotencyKey: orNil(n.idempotencyKey), Title: n.title, Message: n.message, Link: n.link, Salt: salt,
	})
}

// ReadNotification is a user's word that he has read a notification.
type ReadNotification struct {
	Actor          Actor
	NotificationID ID
	His            bool // it is there, and the actor's
}

// ReadNotification decides a ReadNotification. A repeat is refused by the log, by its key.
func (s *State) ReadNotification(c ReadNotification) (Decision, *Refusal) {
	d, r := s.begin(c.Actor)
	if r != nil {
		return Decision{}, r
	}
	if !c.His {
		return Decision{}, refuse(NotFound, "id", "there is no such notification")
	}
	d.Keys = append(d.Keys, NotificationReadKey(c.NotificationID))
	d.draft(NotificationStream(c.Actor.ID), &NotificationRead{NotificationID: c.NotificationID, UserID: c.Actor.ID})
	return *d, nil
}
