package audit_test

import (
	"slices"
	"strings"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

// office is a log of people at work.
func office(t testing.TB) *memory {
	t.Helper()
	m := newMemory(t)
	m.strict = true
	alice, bob := m.user("Alice", domain.RoleAdmin), m.user("Bob", domain.RoleMember)
	m.user("Carol", domain.RoleMember)
	m.jobs(alice, bob)
	return m
}

func TestTimelineOfWork(t *testing.T) {
	t.Parallel()
	m := office(t)
	want := `
        #5  Alice created the project "Website \"2\""
        #6  Alice notified Bob   "New project": "Website \"2\""   project_created
        #7  Alice notified Carol   "New project": "Website \"2\""   project_created
        #8  Alice created the task "Logo\u2028" of the project "Website \"2\"" for Bob
        #9  Alice notified Bob   "New task": "Logo\u2028"   task_assigned
       #10  Bob changed the task "Logo\u2028" from open to in progress
       #11  Bob notified Bob   "Task in progress": "Logo\u2028"   task_status_changed
       #12  Bob notified Alice   "Task in progress": "Logo\u2028"   task_status_changed
       #13  Bob changed the task "Logo\u2028" from in progress to in review
       #14  Bob notified Bob   "Task in review": "Logo\u2028"   task_status_changed
       #15  Bob notified Alice   "Task in review": "Logo\u2028"   task_status_changed
       #16  Bob read #14 after 3 min 5 s
       #17  Alice notified Bob   "Soon": "line\nfeed"   pay:due
       #18  Alice announced to everybody   "Tonight\u202e": "we \"rest\""
`
	if got := told(m, audit.Filter{From: 5}); got != want[1:] {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
	// A notification's id is no message's.
	if got := told(m, audit.Filter{Message: m.work.told[0].id}); got != "there is no such message in the log\n" {
		t.Errorf("got\n%s", got)
	}
}

// Where the words are gone, ids stand for titles.
func TestTimelineOfWorkWithoutWords(t *testing.T) {
	t.Parallel()
	m := office(t)
	for i := range m.events[4:] {
		m.events[4+i].Body = nil
	}
	got := told(m, audit.Filter{From: 5})
	for _, want := range []string{
		"Alice created the project " + m.work.projects[0].String() + "\n",
		"Bob changed the task " + m.work.tasks[0].String() + " from open to in progress\n",
		"Alice notified Carol   (no words)   project_created\n",
		"Alice announced to everybody   (no words)\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// Of old notifications a timeline knows the ids alone, and notifications push no messages out.
func TestTimelineForgetsOldNotifications(t *testing.T) {
	t.Parallel()
	m := office(t)
	alice, bob := m.users[0], m.users[1]
	hello := m.write(alice, bob, "hello")
	first := m.work.told[0]
	for range remembered + 10 {
		id, salt := m.fresh()
		m.labour(m.state.Notify(domain.CreateNotification{
			Actor: by(alice), ID: id, UserID: bob, Type: "news", Title: "News", Message: "none", Salt: salt,
		}))
	}
	last := m.work.told[len(m.work.told)-1]
	end := m.events[len(m.events)-1].Position
	for _, n := range []toldRef{first, last} {
		m.labour(m.state.ReadNotification(domain.ReadNotification{Actor: by(bob), NotificationID: n.id, His: true}))
	}
	m.acknowledge(alice, hello, true)
	got := told(m, audit.Filter{From: end})
	for _, want := range []string{
		"Bob read the notification " + first.id.String() + "\n", "Bob read #130 after 2.0 ms\n", "Alice read #20 after ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// People are shown what names them: what they did, what is theirs to do, and what they were told.
func TestFilterOfWork(t *testing.T) {
	t.Parallel()
	m := office(t)
	hello := m.write(m.users[0], m.users[1], "hello")
	for _, test := range []struct {
		name   string
		filter audit.Filter
		want   []domain.Position
	}{
		{"the author", audit.Filter{User: m.users[0], To: 18}, []domain.Position{2, 5, 6, 7, 8, 9, 10, 12, 13, 15, 17, 18}},
		{"the freelancer", audit.Filter{User: m.users[1], To: 18}, []domain.Position{3, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}},
		{"another", audit.Filter{User: m.users[2]}, []domain.Position{4, 7}},
		{"a message", audit.Filter{Message: hello.ID}, []domain.Position{20}},
		{"its conversation", audit.Filter{Conversation: hello.ConversationID}, []domain.Position{19, 20}},
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

// What a client chose at will makes nobody a part of what happened.
func TestFilterIsNotFooledByKeys(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	m.strict = true
	alice, bob := m.user("Alice", domain.RoleAdmin), m.user("Bob", domain.RoleMember)
	group := m.group("Two", alice, bob)
	carol := m.user("Carol", domain.RoleMember)
	id, salt := m.fresh()
	m.labour(m.state.Announce(domain.MakeAnnouncement{
		Actor: by(alice), ID: id, Title: "News", Message: "none", Salt: salt, IdempotencyKey: carol.String(),
	}))
	m.sent(m.state.Send(domain.SendMessage{
		Actor: by(alice), ConversationID: group, Content: "hi", MessageID: m.id(), ClientMessageID: carol.String(),
	}))
	for _, e := range m.events[5:] {
		if (&audit.Filter{User: carol}).Match(&e) {
			t.Errorf("Carol is a part of %s", e.Payload)
		}
	}
	own := m.events[5]
	own.Payload = []byte(`{"idempotency_key":"` + carol.String() + `","announced_by":"` + carol.String() + `"}`)
	if !(&audit.Filter{User: carol}).Match(&own) {
		t.Error("what follows a key of hers is not looked at")
	}
}
