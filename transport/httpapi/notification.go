package httpapi

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/command"
	"chainmail/transport/frame"
)

// notification is what a user was told, and whether he has read it.
type notification struct {
	ID               domain.ID     `json:"id"`
	NotificationType string        `json:"notification_type" doc:"a word for what it is about: project_created, task_assigned, task_status_changed, or another"`
	Title            string        `json:"title"`
	Message          string        `json:"message" doc:"what is told"`
	Link             *string       `json:"link" doc:"a path, or an address of http or https; null for none"`
	CreatedAt        instant       `json:"created_at"`
	Position         int64         `json:"position" doc:"of its event"`
	IsRead           bool          `json:"is_read" doc:"on whichever device"`
	ReadAt           instantOrNull `json:"read_at" doc:"null until it is read"`
}

func (n notification) at() int64 { return n.Position }

func (a *api) notifications() {
	tags := []string{"notifications"}
	registerFrom(a, a.fromNotifications(), huma.Operation{
		OperationID: "list-notifications", Method: http.MethodGet, Path: "/api/notifications", Tags: tags,
		Summary: "What one was told, newest first", Description: "One's own notifications, read ones too.",
		Errors: []int{http.StatusUnprocessableEntity},
	}, a.listNotifications)
	registerFrom(a, a.fromNotifications(), huma.Operation{
		OperationID: "notify", Method: http.MethodPost, Path: "/api/notifications", Tags: tags,
		Summary:       "Tell a user something",
		Description:   "For admins and services.",
		DefaultStatus: http.StatusCreated,
		Responses:     orElse[notification](a),
		Errors:        []int{http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests},
	}, a.notify)
	registerFrom(a, a.fromNotifications(), huma.Operation{
		OperationID: "read-notification", Method: http.MethodPost, Path: "/api/notifications/{id}/read", Tags: tags,
		Summary: "Say that a notification was read", Description: "Once is enough: on one device and so on all.",
		Errors: []int{http.StatusNotFound, http.StatusTooManyRequests},
	}, a.readNotification)
}

const notificationsSQL = `
	SELECT id, notification_type, title, message, link, created_at, position, is_read, read_at
	FROM notifications
	WHERE user_id = $1 AND position < $2
	ORDER BY position DESC
	LIMIT $3`

func (a *api) listNotifications(ctx context.Context, c *call, in *Paging) (*answer[list[notification]], error) {
	user := c.user().String()
	return newest(ctx, a, c, "notifications "+user, in, func(ctx context.Context, tx *sql.Tx, before int64, limit int) ([]notification, error) {
		found, err := rowsOf(ctx, tx, scanNotification, notificationsSQL, user, before, limit)
		if err != nil {
			return nil, fmt.Errorf("list notifications of %s: %w", user, err)
		}
		return found, nil
	})
}

func scanNotification(row *sql.Rows) (n notification, err error) {
	var read sql.NullTime
	err = row.Scan(&n.ID, &n.NotificationType, &n.Title, &n.Message, &n.Link,
		(*time.Time)(&n.CreatedAt), &n.Position, &n.IsRead, &read)
	n.ReadAt = instantOrNull(read.Time)
	return n, err
}

type notificationBody struct {
	UserID           domain.ID `json:"user_id" doc:"a UUID: who is told"`
	NotificationType string    `json:"notification_type" doc:"a string: a word for what it is about" example:"invoice_paid" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_.:-]+$"`
	Title            string    `json:"title" doc:"a string: what it is about" minLength:"1" maxLength:"200" example:"Your invoice was paid"`
	Message          string    `json:"message" doc:"a string: what is told" minLength:"1" maxLength:"2000" example:"Invoice 17 was paid today."`
	Link             string    `json:"link,omitempty" doc:"a string: a path, or an address of http or https" maxLength:"2000" example:"/invoices/17"`
}

// mayTell refuses everybody but admins and services.
func (c *call) mayTell() error {
	if !c.trusted {
		return newProblem(frame.Forbidden, "", "only an admin or a service tells others something")
	}
	return nil
}

func (a *api) notify(ctx context.Context, c *call, in *making[notificationBody]) (*answer[notification], error) {
	if err := c.mayTell(); err != nil {
		return nil, err
	}
	return once(a, c, in, a.Limits.Notices, 1, func(body notificationBody) (command.Made[*domain.NotificationCreated], error) {
		return a.Commands.Notify(ctx, c.actor, command.Notification{
			UserID: body.UserID, Type: body.NotificationType, Title: body.Title, Message: body.Message, Link: body.Link,
		}, in.IdempotencyKey)
	}, newNotification)
}

// newNotification describes a notification without its row, as it was made.
func newNotification(m command.Made[*domain.NotificationCreated]) notification {
	n := notification{
		ID: m.Data.NotificationID, NotificationType: m.Data.NotificationType, Title: m.Data.Title, Message: m.Data.Message,
		CreatedAt: instant(m.At), Position: int64(m.Position),
	}
	if m.Data.Link != "" {
		n.Link = &m.Data.Link
	}
	return n
}

func (a *api) readNotification(ctx context.Context, c *call, in *struct {
	ID domain.ID `path:"id"`
}) (*struct{}, error) {
	return nil, a.changeWithin(a.Limits.Receipts, c, func() (command.Done, error) {
		return a.Commands.ReadNotification(ctx, c.actor, in.ID)
	})
}
