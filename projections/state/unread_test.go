package state_test

import (
	"testing"

	"chainmail/domain"
)

// However many messages wait, the newest 1,000 count, and those before a hole that were delivered
// but not read.
func TestUnreadOfABacklog(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember)
	conversation := h.start("", ann, bob)
	count := func() int {
		t.Helper()
		return unread(t, db, bob, conversation)[conversation]
	}
	applied := 0
	apply := func() {
		t.Helper()
		mustApply(t, db, h.events[applied:])
		applied = len(h.events)
	}
	for range 3 {
		h.deliver(bob, h.send(ann, conversation, "delivered", ""))
	}
	for range 1000 {
		h.send(ann, conversation, "hello", "")
	}
	apply()
	if got := count(); got != 1003 {
		t.Errorf("with 1000 that wait: %d unread, want 1003", got)
	}
	for range 5 {
		h.send(ann, conversation, "one more", "")
	}
	h.send(bob, conversation, "mine", "")
	h.read(bob, h.send(ann, conversation, "read", ""))
	apply()
	if got := count(); got != 1001 { // his own and the one that he read are among the newest
		t.Errorf("with more: %d unread, want 1001", got)
	}
}
