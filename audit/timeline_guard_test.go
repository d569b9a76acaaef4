package audit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chainmail/audit"
	"chainmail/domain"
)

// guardedChat is a log in which the guard did everything that it does.
func guardedChat(t testing.TB) (m *memory, group domain.ID) {
	t.Helper()
	m = newMemory(t)
	m.strict = true
	root, bob, carol := m.user("Root", domain.RoleAdmin), m.user("Bob", domain.RoleMember), m.user("Carol", domain.RoleMember)
	group = m.group("Friends", root, bob)
	m.install("strict")
	m.judge(domain.SendMessage{Actor: by(bob), ConversationID: group, Content: "a little risky"}, false)
	m.judge(domain.SendMessage{Actor: by(bob), ReceiverID: carol, Content: "your phrase?"}, true)
	m.judge(domain.SendMessage{Actor: by(bob), ConversationID: group, Content: "your phrase!"}, true)
	m.now = m.now.Add(3*time.Minute + 5*time.Second)
	m.release(root, m.blocked[0])
	m.erase(bob, m.blocked[1].ref())
	m.erase(root, m.messages[len(m.messages)-1])
	m.seal()
	return m, group
}

func TestTimelineOfTheGuard(t *testing.T) {
	t.Parallel()
	m, group := guardedChat(t)
	judged, released := m.messages[0].ID, m.messages[1].ID
	passed, stopped := m.blocked[0].data.MessageID, m.blocked[1].data.MessageID
	verdict := "   risk 0.75: seed_phrase, language_model; small said scam, 0.50"
	for _, test := range []struct {
		name   string
		filter audit.Filter
		want   string
	}{
		{"the whole log", audit.Filter{From: 6}, `
        #6  the guard judges from here on by the policy 3a3127f5ea0269b5…, the list domains of 1,234 entries
        #7  the guard judged the next message of Bob` + verdict + `
        #8  Bob → "Friends"   "a little risky"   risk 0.75
        #9  the guard blocked Bob → Carol   (erased)` + verdict + `
       #10  the guard blocked Bob → "Friends"   (erased)` + verdict + `
       #11  Root released #9 after 3 min 5 s: it is sent as ` + released.String() + `
       #12  Bob opened a conversation with Carol
       #13  Bob → Carol   (erased)   risk 0.75   released by Root
       #14  Bob erased #10 (privacy)
       #15  Root erased #9 (privacy)
       #16  Root erased #13 (privacy)
`},
		{"a message that was judged", audit.Filter{Message: judged}, `
        #7  the guard judged it` + verdict + `
        #8  Bob → "Friends"   "a little risky"   risk 0.75
`},
		{"a message that was blocked", audit.Filter{Message: stopped}, `
       #10  the guard blocked Bob → "Friends"   (erased)` + verdict + `
       #14  Bob erased it (privacy)
`},
		{"a message that was blocked and released", audit.Filter{Message: passed}, `
        #9  the guard blocked Bob → Carol   (erased)` + verdict + `
       #11  Root released it after 3 min 5 s: it is sent as ` + released.String() + `
       #15  Root erased it (privacy)
`},
		{"a message that was sent by a release", audit.Filter{Message: released}, `
       #11  Root released #9 after 3 min 5 s, the message ` + passed.String() + `
       #13  Bob → Carol   (erased)   risk 0.75   released by Root
       #16  Root erased it (privacy)
`},
		{"a conversation", audit.Filter{Conversation: group, From: 6}, `
        #8  Bob → "Friends"   "a little risky"   risk 0.75
       #10  the guard blocked Bob → "Friends"   (erased)` + verdict + "\n"},
	} {
		got := told(m, test.filter)
		got, _, _ = strings.Cut(got, "       #17  sealed")
		got, _, _ = strings.Cut(got, "sealed by #17")
		if got != test.want[1:] {
			t.Errorf("%s: got\n%s\nwant%s", test.name, got, test.want)
		}
	}
}

// A seal that covers a blocked message is told as that of any other.
func TestTimelineOfASealedBlock(t *testing.T) {
	t.Parallel()
	m, _ := guardedChat(t)
	got := told(m, audit.Filter{Message: m.blocked[1].data.MessageID})
	if !strings.Contains(got, "sealed by #17 after 3 min 5 s: tree of 16, root ") {
		t.Errorf("got\n%s", got)
	}
}

func TestTimelineOfASilentModel(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	bob, carol := m.user("Bob", domain.RoleMember), m.user("Carol", domain.RoleMember)
	m.install("strict")
	failure := "timeout\u202e"
	v := domain.Verdict{
		PolicyHash: m.state.Policy().PolicyHash, Blocked: true, RiskScore: 0.4,
		Model: &domain.ModelOpinion{Model: "small\x1b", Failure: &failure},
	}
	m.append(m.state.Send(domain.SendMessage{Actor: by(bob), ReceiverID: carol, Content: "hm", MessageID: m.id(), Verdict: v}))
	want := `the guard blocked Bob → Carol   "hm"   risk 0.40; small\x1b gave no answer (timeout\u202e)` + "\n"
	if got := told(m, audit.Filter{}); !strings.Contains(got, want) {
		t.Errorf("%q is not in\n%s", want, got)
	}
}

func TestFilterOfTheGuard(t *testing.T) {
	t.Parallel()
	m, group := guardedChat(t)
	root, bob, carol := m.users[0], m.users[1], m.users[2]
	direct := m.messages[1].ConversationID
	for _, test := range []struct {
		name   string
		filter audit.Filter
		want   []domain.Position
	}{
		{"the conversation that a message was blocked in", audit.Filter{Conversation: group}, []domain.Position{5, 8, 10}},
		{"the conversation that a release opened", audit.Filter{Conversation: direct}, []domain.Position{11, 12, 13, 16}},
		{"the message that was blocked", audit.Filter{Message: m.blocked[0].data.MessageID}, []domain.Position{9, 11, 15}},
		{"the message that was sent instead", audit.Filter{Message: m.messages[1].ID}, []domain.Position{11, 13, 16}},
		{"the sender", audit.Filter{User: bob}, []domain.Position{3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		{"the receiver", audit.Filter{User: carol}, []domain.Position{4, 9, 12, 13}},
		{"the admin", audit.Filter{User: root}, []domain.Position{2, 5, 11, 12, 13, 15, 16}},
	} {
		var got []domain.Position
		for i := range m.events {
			if test.filter.Match(&m.events[i]) {
				got = append(got, m.events[i].Position)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
