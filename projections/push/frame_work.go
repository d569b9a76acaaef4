package push

import (
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// Notification tells its user something.
type Notification struct {
	NotificationID   domain.ID       `json:"notification_id"`
	NotificationType string          `json:"notification_type" doc:"a word, such as task_assigned"`
	Title            string          `json:"title"`
	Message          string          `json:"message"`
	Link             string          `json:"link" nullable:"true" doc:"a path or an address; null where there is none"`
	CreatedAt        time.Time       `json:"created_at"`
	Position         domain.Position `json:"position" minimum:"1"`
}

// appendNotification writes a notification.
func appendNotification(dst []byte, e domain.Event, d *domain.NotificationCreated) []byte {
	f := Notification{
		NotificationID: d.NotificationID, NotificationType: d.NotificationType, Title: d.Title, Message: d.Message,
		Link: d.Link, CreatedAt: e.RecordedAt, Position: e.Position,
	}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *Notification) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"notification"`...)
	dst = appendID(dst, "notification_id", f.NotificationID)
	dst = appendText(dst, "notification_type", f.NotificationType)
	dst = appendText(dst, "title", f.Title)
	dst = appendText(dst, "message", f.Message)
	dst = wire.AppendStringOrNull(appendName(dst, "link"), f.Link)
	dst = wire.AppendTime(appendName(dst, "created_at"), f.CreatedAt)
	return append(appendPosition(dst, f.Position), '}')
}

// NotificationRead says that the user has read a notification, on whatever device.
type NotificationRead struct {
	NotificationID domain.ID       `json:"notification_id"`
	Position       domain.Position `json:"position" minimum:"1"`
}

// appendNotificationRead writes a notification_read.
func appendNotificationRead(dst []byte, e domain.Event, d *domain.NotificationRead) []byte {
	f := NotificationRead{NotificationID: d.NotificationID, Position: e.Position}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *NotificationRead) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"notification_read"`...)
	dst = appendID(dst, "notification_id", f.NotificationID)
	return append(appendPosition(dst, f.Position), '}')
}

// TaskStatusUpdate says how a task stands from now on.
type TaskStatusUpdate struct {
	TaskID    domain.ID         `json:"task_id"`
	ProjectID domain.ID         `json:"project_id"`
	Status    domain.TaskStatus `json:"status" enum:"open,in_progress,in_review,done,cancelled"`
	UpdatedBy domain.ID         `json:"updated_by"`
	Position  domain.Position   `json:"position" minimum:"1"`
	Timestamp time.Time         `json:"timestamp"`
}

// appendTaskStatus writes a task_status_update.
func appendTaskStatus(dst []byte, e domain.Event, d *domain.TaskStatusChanged) []byte {
	f := TaskStatusUpdate{
		TaskID: d.TaskID, ProjectID: d.ProjectID, Status: d.Status, UpdatedBy: d.ChangedBy,
		Position: e.Position, Timestamp: e.RecordedAt,
	}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *TaskStatusUpdate) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"task_status_update"`...)
	dst = appendID(dst, "task_id", f.TaskID)
	dst = appendID(dst, "project_id", f.ProjectID)
	dst = appendText(dst, "status", string(f.Status))
	dst = appendID(dst, "updated_by", f.UpdatedBy)
	dst = appendPosition(dst, f.Position)
	return appendEnd(dst, f.Timestamp)
}

// Announcement tells everybody something.
type Announcement struct {
	Title     string          `json:"title"`
	Message   string          `json:"message"`
	Position  domain.Position `json:"position" minimum:"1"`
	Timestamp time.Time       `json:"timestamp"`
}

// appendAnnouncement writes an announcement.
func appendAnnouncement(dst []byte, e domain.Event, d *domain.AnnouncementMade) []byte {
	f := Announcement{Title: d.Title, Message: d.Message, Position: e.Position, Timestamp: e.RecordedAt}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *Announcement) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"announcement"`...)
	dst = appendText(dst, "title", f.Title)
	dst = appendText(dst, "message", f.Message)
	dst = appendPosition(dst, f.Position)
	return appendEnd(dst, f.Timestamp)
}
