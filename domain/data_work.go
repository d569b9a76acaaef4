package domain

// ProjectCreated says that there is a project from here on. Everybody may see it.
type ProjectCreated struct {
	ProjectID      ID      `json:"project_id"`
	AuthorID       ID      `json:"author_id"`
	IdempotencyKey *string `json:"idempotency_key"` // of the request, by which a repeat is known; null for none
	BodyHash       string  `json:"body_hash"`

	Title string `json:"-"`
	Salt  Salt   `json:"-"`
}

// TaskCreated says that there is a task from here on, open, for a freelancer.
type TaskCreated struct {
	TaskID         ID      `json:"task_id"`
	ProjectID      ID      `json:"project_id"`
	AuthorID       ID      `json:"author_id"` // of the project
	FreelancerID   ID      `json:"freelancer_id"`
	CreatedBy      ID      `json:"created_by"`
	IdempotencyKey *string `json:"idempotency_key"`
	BodyHash       string  `json:"body_hash"`

	Title string `json:"-"`
	Salt  Salt   `json:"-"`
}

// TaskStatusChanged says how a task stands from here on.
type TaskStatusChanged struct {
	TaskID         ID         `json:"task_id"`
	ProjectID      ID         `json:"project_id"`
	AuthorID       ID         `json:"author_id"` // of the project
	FreelancerID   ID         `json:"freelancer_id"`
	PreviousStatus TaskStatus `json:"previous_status"`
	Status         TaskStatus `json:"status"`
	ChangedBy      ID         `json:"changed_by"`
}

// NotificationCreated tells one user something. What follows from an act stands right after it, in its commit.
type NotificationCreated struct {
	NotificationID   ID      `json:"notification_id"`
	UserID           ID      `json:"user_id"` // who is told
	NotificationType string  `json:"notification_type"`
	CreatedBy        ID      `json:"created_by"`
	IdempotencyKey   *string `json:"idempotency_key"`
	BodyHash         string  `json:"body_hash"`

	Title   string `json:"-"`
	Message string `json:"-"`
	Link    string `json:"-"` // a path or an address; empty for none
	Salt    Salt   `json:"-"`
}

// NotificationRead says that a user has read a notification.
type NotificationRead struct {
	NotificationID ID `json:"notification_id"`
	UserID         ID `json:"user_id"`
}

// AnnouncementMade tells everybody something.
type AnnouncementMade struct {
	AnnouncementID ID      `json:"announcement_id"`
	AnnouncedBy    ID      `json:"announced_by"`
	IdempotencyKey *string `json:"idempotency_key"`
	BodyHash       string  `json:"body_hash"`

	Title   string `json:"-"`
	Message string `json:"-"`
	Salt    Salt   `json:"-"`
}

// Type implements Data.
func (*ProjectCreated) Type() Type { return TypeProjectCreated }

// Type implements Data.
func (*TaskCreated) Type() Type { return TypeTaskCreated }

// Type implements Data.
func (*TaskStatusChanged) Type() Type { return TypeTaskStatusChanged }

// Type implements Data.
func (*NotificationCreated) Type() Type { return TypeNotificationCreated }

// Type implements Data.
func (*NotificationRead) Type() Type { return TypeNotificationRead }

// Type implements Data.
func (*AnnouncementMade) Type() Type { return TypeAnnouncementMade }
