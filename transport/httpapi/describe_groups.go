package httpapi

import "github.com/danielgtaylor/huma/v2"

// groups are what calls are grouped by, in the order in which they are shown.
func groups() []*huma.Tag {
	return []*huma.Tag{
		{Name: "login", Description: "How a wallet gets tokens, and the sessions that come of it. Not there where an outside issuer makes the tokens."},
		{Name: "users", Description: "Who there is."},
		{Name: "blocks", Description: "Whom one does not want to hear from."},
		{Name: "conversations", Description: "Between two, and in groups of up to 1,000."},
		{Name: "messages", Description: "What was said, who has read it, and the proof that the log has it."},
		{Name: "sync", Description: "What one missed."},
		{Name: "notifications", Description: "What somebody, or everybody, is told besides messages."},
		{Name: "projects", Description: "Projects and their tasks, from open to done."},
		{Name: "guard", Description: "Review of what was kept from being sent. For admins."},
		{Name: "transparency log", Description: "What the log claims of itself, for anybody to check. None of it tells what was written."},
		{Name: "health", Description: "For those who look after the server."},
	}
}
