package audit_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// draw makes a log of some hundred commands of a few people, dense enough that they meet.
func draw(r *rapid.T, t testing.TB) *memory {
	m := newMemory(t)
	admin := m.user("Root Admin", domain.RoleAdmin)
	for i := range 4 {
		m.user(fmt.Sprintf("Ünal %d", i), domain.RoleMember)
	}
	m.group("", m.users[1], m.users[2])
	m.group("all", m.users[1], m.users[2], m.users[3])
	m.install("strict")
	user := func() domain.ID { return rapid.SampledFrom(m.users).Draw(r, "user") }
	conversation := func() domain.ID { return rapid.SampledFrom(m.conversations).Draw(r, "conversation") }
	message := func() domain.MessageRef {
		if len(m.messages) == 0 {
			return domain.MessageRef{}
		}
		return rapid.SampledFrom(m.messages[max(0, len(m.messages)-8):]).Draw(r, "message")
	}
	kept := func() kept { return rapid.SampledFrom(m.blocked).Draw(r, "blocked") }
	for range rapid.IntRange(0, 150).Draw(r, "commands") {
		switch n := rapid.IntRange(0, 159).Draw(r, "command"); {
		case n < 30:
			m.say(conversation(), user(), "content")
		case n < 37:
			m.write(user(), user(), "to you")
		case n < 57:
			m.acknowledge(user(), message(), false)
		case n < 72:
			m.acknowledge(user(), message(), true)
		case n < 77 && len(m.messages) > 0:
			m.erase(admin, message())
		case n < 83:
			m.join(user(), conversation(), user())
		case n < 90:
			u := user()
			m.leave(u, conversation(), u)
		case n < 93:
			m.block(user(), user())
		case n < 96:
			m.unblock(user(), user())
		case n < 98:
			m.group("group", user(), user(), user(), user())
		case n < 100:
			m.deactivate(rapid.SampledFrom(m.users[3:]).Draw(r, "leaver"))
		case n < 108:
			m.judge(domain.SendMessage{Actor: by(user()), ConversationID: conversation(), Content: "risky"}, n < 104)
		case n < 111:
			m.judge(domain.SendMessage{Actor: by(user()), ReceiverID: user(), Content: "risky"}, true)
		case n < 112:
			m.install("stricter")
		case n < 116 && len(m.blocked) > 0:
			m.release(admin, kept())
		case n < 120 && len(m.blocked) > 0:
			m.erase(admin, kept().ref())
		case n >= 120:
			m.labour(m.work.draw(r, m.state, by(user()), user(), m.fresh))
		}
	}
	return m
}
