package httpapi

// source is what a call reads: the tables of one projection, or the view.
type source struct {
	Projected
	projection string // its name; empty for the view
	lock       string // the statement that holds its tables
}

// The statements that hold tables come before the first query, and with it before the transaction's snapshot: tables
// that are swapped in while one waits are then seen with all their rows, never with an older snapshot.

const lockMessagesSQL = `
	LOCK TABLE projection_offsets, users, conversations, conversation_participants, user_blocks,
		messages, message_receipts, blocked_messages IN ACCESS SHARE MODE`

const lockNotificationsSQL = `LOCK TABLE projection_offsets, notifications IN ACCESS SHARE MODE`

const lockTasksSQL = `LOCK TABLE projection_offsets, projects, tasks IN ACCESS SHARE MODE`

func (a *api) fromMessages() source {
	return source{a.Projected.Messages, "messages", lockMessagesSQL}
}

func (a *api) fromNotifications() source {
	return source{a.Projected.Notifications, "notifications", lockNotificationsSQL}
}

func (a *api) fromTasks() source {
	return source{a.Projected.Tasks, "tasks", lockTasksSQL}
}

// fromView is the source of calls that read no tables but the log, as far as the view includes it.
func (a *api) fromView() source { return source{Projected: a.View} }
