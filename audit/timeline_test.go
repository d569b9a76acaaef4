package audit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chainmail/audit"
	"chainmail/domain"
)

// remembered is how many messages and notifications the timelines of these tests know.
const remembered = 100

// told returns what a timeline says of a log, without the times.
func told(m *memory, f audit.Filter) string {
	timeline := audit.NewTimeline(f)
	audit.Remember(timeline, remembered)
	var text []byte
	for i := range m.events {
		timeline.Learn(&m.events[i])
		if f.Match(&m.events[i]) {
			line := timeline.AppendLine(nil, &m.events[i])
			text = append(text, line[len("2026-11-22 10:15:00.001000"):]...)
		}
	}
	return string(timeline.AppendEnd(text))
}

// chat is a log that a person can follow.
func chat(t testing.TB) (m *memory, direct, group domain.ID, hello domain.MessageRef) {
	t.Helper()
	m = newMemory(t)
	m.strict = true
	alice, bob, carol := m.user("Alice", domain.RoleAdmin), m.user("Bob", domain.RoleMember), m.user("Carol", domain.RoleMember)
	hello = m.write(bob, alice, "hello")
	m.now = m.now.Add(11 * time.Millisecond)
	m.acknowledge(bob, hello, false)
	m.now = m.now.Add(3*time.Minute + 5*time.Second)
	m.acknowledge(bob, hello, true)
	group = m.group("Friends", alice, bob)
	m.join(bob, group, carol)
	secret := m.say(group, carol, "to be forgotten")
	m.seal()
	m.erase(alice, secret)
	m.leave(carol, group, carol)
	m.leave(alice, group, bob)
	m.block(carol, bob)
	m.unblock(carol, bob)
	m.deactivate(carol)
	return m, hello.ConversationID, group, hello
}

func TestTimelineOfAConversation(t *testing.T) {
	t.Parallel()
	m, direct, group, _ := chat(t)
	for _, test := range []struct {
		conversation domain.ID
		want         string
	}{
		{direct, `
        #5  Alice opened a conversation with Bob
        #6  Alice → Bob   "hello"
        #7  Bob received #6 after 12 ms
        #8  Bob read #6 after 3 min 5 s
`},
		{group, `
        #9  Alice started "Friends" with Bob
       #10  Bob added Carol to "Friends"
       #11  Carol → "Friends"   (erased)
       #13  Alice erased #11 (privacy)
       #14  Carol left "Friends"
       #15  Alice removed Bob from "Friends"
`},
	} {
		if got := told(m, audit.Filter{Conversation: test.conversation}); got != test.want[1:] {
			t.Errorf("got\n%s\nwant%s", got, test.want)
		}
	}
}

func TestTimelineOfAMessage(t *testing.T) {
	t.Parallel()
	m, _, _, hello := chat(t)
	got := told(m, audit.Filter{Message: hello.ID})
	want := `
        #6  Alice → Bob   "hello"
        #7  Bob received it after 12 ms
        #8  Bob read it after 3 min 5 s
sealed by #12 after 3 min 5 s: tree of 11, root `
	if !strings.HasPrefix(got, want[1:]) || !strings.HasSuffix(got, "…\n") {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
	late := m.say(m.conversations[0], m.users[0], "late")
	if got := told(m, audit.Filter{Message: late.ID}); !strings.HasSuffix(got, "not sealed yet\n") {
		t.Errorf("got\n%s", got)
	}
	if got := told(m, audit.Filter{Message: m.id()}); got != "there is no such message in the log\n" {
		t.Errorf("got\n%s", got)
	}
	// The seal is told even where it lies behind what is shown.
	if got := told(m, audit.Filter{Message: hello.ID, To: 6}); !strings.Contains(got, "sealed by #12") || strings.Contains(got, "received") {
		t.Errorf("got\n%s", got)
	}
}

func TestTimelineOfALog(t *testing.T) {
	t.Parallel()
	m, _, _, _ := chat(t)
	got := told(m, audit.Filter{})
	for _, want := range []string{
		"        #1  the log audit.test/log begins; its key is audit.test/log+",
		"        #2  Alice is registered as admin, " + m.users[0].String() + "\n",
		"       #12  sealed #1 to #11: tree of 11, root ",
		"       #16  Carol blocked Bob\n",
		"       #17  Carol unblocked Bob\n",
		"       #18  Carol is deactivated\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n"); n != len(m.events) {
		t.Errorf("%d lines for %d events", n, len(m.events))
	}
}

// What people wrote cannot move a terminal's cursor, colour it, or change the order of letters.
func TestTimelineIsHarmless(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	evil := "\x1b[2J\r\n\u202e\u0007\u009b31m"
	m.add(domain.Draft{Stream: "user-x" + domain.StreamID(evil), Data: &domain.UserRegistered{
		UserID: m.id(), Role: domain.Role(evil), Name: "A" + evil, WalletAddress: evil,
	}}, domain.Actor{})
	alice, bob := m.user("Alice", domain.RoleMember), m.user("Bob", domain.RoleMember)
	m.group("title\u202e", alice, bob)
	m.write(bob, alice, "a\r\n\tb\u202ec é🙂")
	m.events = append(m.events, domain.Event{
		Position: 9, Type: domain.Type(evil), Stream: domain.StreamID(evil), Payload: []byte("{}"), Metadata: []byte("{}"),
	})
	got := told(m, audit.Filter{})
	for _, bad := range []string{"\x1b", "\r", "\u202e", "\u0007", "\u009b"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q is in %q", bad, got)
		}
	}
	if !strings.Contains(got, `Alice → Bob   "a\r\n\tb\u202ec é🙂"`) {
		t.Errorf("got\n%s", got)
	}
	if n := strings.Count(got, "\n"); n != len(m.events) {
		t.Errorf("%d lines for %d events in %q", n, len(m.events), got)
	}
}

func TestTimelineTellsNamesakesApart(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	first, second := m.user("Kim", domain.RoleMember), m.user("Kim", domain.RoleMember)
	m.write(second, first, "hi")
	want := "Kim (…" + first.String()[30:] + ") → Kim (…" + second.String()[30:] + ")"
	if got := told(m, audit.Filter{}); !strings.Contains(got, want) {
		t.Errorf("%q is not in\n%s", want, got)
	}
	m.events[1].Body = nil // the name is gone
	if got := told(m, audit.Filter{}); !strings.Contains(got, first.String()+" → Kim ") {
		t.Errorf("got\n%s", got)
	}
}

// A receipt of a message that was sent very long ago names it by its id: not all are remembered.
func TestTimelineForgetsOldMessages(t *testing.T) {
	t.Parallel()
	m, _, group, hello := chat(t)
	m.strict = false
	for range remembered + 10 {
		m.say(group, m.users[0], "again")
	}
	last := m.messages[len(m.messages)-1]
	receipt := func(ref domain.MessageRef) {
		m.add(domain.Draft{Stream: domain.ReceiptStream(ref.ConversationID), Data: &domain.MessageRead{
			MessageID: ref.ID, ConversationID: ref.ConversationID, SenderID: ref.SenderID, UserID: m.users[1],
		}}, domain.Actor{})
	}
	receipt(hello)
	receipt(last)
	got := told(m, audit.Filter{From: last.Position + 1})
	if !strings.Contains(got, "Bob read the message "+hello.ID.String()+"\n") ||
		!strings.Contains(got, fmt.Sprintf("Bob read #%d after 2.0 ms", last.Position)) {
		t.Errorf("got\n%s", got)
	}
	if got := told(m, audit.Filter{Message: hello.ID}); strings.Count(got, "Bob read it after ") != 2 {
		t.Errorf("the message that is asked for is forgotten:\n%s", got)
	}
}

func TestManyParticipants(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	for i := range 10 {
		m.user(fmt.Sprintf("User %d", i), domain.RoleMember)
	}
	m.group("All", m.users[0], m.users[1:]...)
	m.group("Some", m.users[0], m.users[1:7]...)
	got := told(m, audit.Filter{})
	for _, want := range []string{
		`User 0 started "All" with User 1, User 2, User 3, User 4, User 5 and 4 others`,
		`User 0 started "Some" with User 1, User 2, User 3, User 4, User 5 and User 6`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -123456: "-123,456", -1: "-1"} {
		if got := audit.Count(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Åsa \"x\" 🙂": "Åsa \"x\" 🙂", "a\nb": `a\nb`, "\x1b[1m\"": `\x1b[1m"`, "\xff": `\xff`, "a\u200bb": `a\u200bb`,
	} {
		if got := audit.Printable(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
