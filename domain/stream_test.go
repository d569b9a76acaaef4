package domain_test

import (
	"testing"

	"chainmail/domain"
)

// The names of streams are part of every leaf: another name would make another log.
func TestStreamsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	const of = "a1000000-0000-7000-8000-0000000000a1"
	for want, got := range map[string]domain.StreamID{
		"log": domain.LogStream, "seals": domain.SealStream, "policies": domain.PolicyStream, "announcements": domain.AnnouncementStream,
		"user-" + of: domain.UserStream(alice), "conversation-" + of: domain.ConversationStream(alice),
		"receipts-" + of: domain.ReceiptStream(alice), "guard-" + of: domain.GuardStream(alice),
		"project-" + of: domain.ProjectStream(alice), "task-" + of: domain.TaskStream(alice),
		"notifications-" + of: domain.NotificationStream(alice),
	} {
		if string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
