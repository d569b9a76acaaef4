package audit

import (
	"time"

	"chainmail/domain"
)

// projectRow is a row of projects.
type projectRow struct {
	data     *domain.ProjectCreated
	position domain.Position
	created  time.Time
}

func (t *Tables) projectTable() Table {
	table := Table{Name: "projects", Columns: []string{"id", "author_id", "position", "created_at", "title"}}
	for _, id := range sortedKeys(t.projects) {
		p := t.projects[id]
		table.Rows = append(table.Rows, []any{id, p.data.AuthorID, int64(p.position), p.created, p.data.Title})
	}
	return table
}

// taskRow is a row of tasks.
type taskRow struct {
	data             *domain.TaskCreated
	position         domain.Position
	created, updated time.Time
	updatedBy        domain.ID
	status           domain.TaskStatus
}

func (t *Tables) assign(e domain.Event, d *domain.TaskCreated) {
	t.tasks[d.TaskID] = &taskRow{
		data: d, position: e.Position, created: e.RecordedAt, updated: e.RecordedAt, updatedBy: d.CreatedBy, status: domain.TaskOpen,
	}
}

func (t *Tables) move(e domain.Event, d *domain.TaskStatusChanged) {
	if row := t.tasks[d.TaskID]; row != nil {
		row.updated, row.updatedBy, row.status = e.RecordedAt, d.ChangedBy, d.Status
	}
}

func (t *Tables) taskTable() Table {
	table := Table{Name: "tasks", Columns: []string{
		"id", "project_id", "author_id", "freelancer_id", "created_by", "updated_by", "position", "created_at", "updated_at",
		"status", "title",
	}}
	for _, id := range sortedKeys(t.tasks) {
		row := t.tasks[id]
		table.Rows = append(table.Rows, []any{
			id, row.data.ProjectID, row.data.AuthorID, row.data.FreelancerID, row.data.CreatedBy, row.updatedBy, int64(row.position),
			row.created, row.updated, string(row.status), row.data.Title,
		})
	}
	return table
}

// notificationRow is a row of notifications.
type notificationRow struct {
	data          *domain.NotificationCreated
	position      domain.Position
	created, read time.Time // read is zero for not yet
}

func (t *Tables) readNotification(e domain.Event, d *domain.NotificationRead) {
	if row := t.notifications[d.NotificationID]; row != nil && row.data.UserID == d.UserID && row.read.IsZero() {
		row.read = e.RecordedAt
	}
}

func (t *Tables) notificationTable() Table {
	table := Table{Name: "notifications", Columns: []string{
		"id", "user_id", "created_by", "position", "created_at", "read_at", "is_read", "notification_type", "title", "message", "link",
	}}
	for _, id := range sortedKeys(t.notifications) {
		row := t.notifications[id]
		table.Rows = append(table.Rows, []any{
			id, row.data.UserID, row.data.CreatedBy, int64(row.position), row.created, timeOrNull(row.read), !row.read.IsZero(),
			row.data.NotificationType, row.data.Title, row.data.Message, textOrNull(row.data.Link),
		})
	}
	return table
}
