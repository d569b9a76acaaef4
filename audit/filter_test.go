package audit_test

import (
	"slices"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	m, direct, group, hello := chat(t)
	alice, bob, carol := m.users[0], m.users[1], m.users[2]
	secret := m.messages[1]
	for _, test := range []struct {
		name   string
		filter audit.Filter
		want   []domain.Position
	}{
		{"from and to", audit.Filter{From: 3, To: 5}, []domain.Position{3, 4, 5}},
		{"from alone", audit.Filter{From: 17}, []domain.Position{17, 18}},
		{"until, inclusive", audit.Filter{Until: m.events[1].RecordedAt}, []domain.Position{1, 2}},
		{"until just before", audit.Filter{Until: m.events[1].RecordedAt.Add(-1)}, []domain.Position{1}},
		{"direct conversation", audit.Filter{Conversation: direct}, []domain.Position{5, 6, 7, 8}},
		{"group", audit.Filter{Conversation: group}, []domain.Position{9, 10, 11, 13, 14, 15}},
		{"message", audit.Filter{Message: hello.ID}, []domain.Position{6, 7, 8}},
		{"erased message", audit.Filter{Message: secret.ID}, []domain.Position{11, 13}},
		{"user who acted", audit.Filter{User: alice}, []domain.Position{2, 5, 6, 7, 8, 9, 13, 15}},
		{"user who was named", audit.Filter{User: carol}, []domain.Position{4, 10, 11, 14, 16, 17, 18}},
		{"user and conversation", audit.Filter{User: bob, Conversation: group}, []domain.Position{9, 10, 15}},
		{"all at once", audit.Filter{User: bob, Conversation: direct, Message: hello.ID, From: 7, To: 7}, []domain.Position{7}},
		{"nothing", audit.Filter{Message: hello.ID, Conversation: group}, nil},
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

// A client's own name for a message is the client's: it makes nobody a part of what happened.
func TestFilterIsNotFooled(t *testing.T) {
	t.Parallel()
	m, _, _, hello := chat(t)
	e := m.events[hello.Position-1]
	e.Payload = []byte(`{"message_id":"` + m.id().String() + `","client_message_id":"` + hello.ID.String() + `"}`)
	if (&audit.Filter{Message: hello.ID}).Match(&e) {
		t.Errorf("client_message_id is taken for message_id: %s", e.Payload)
	}
	e.Metadata = []byte(`{"actor_id":null,"session_id":"` + m.users[0].String() + `"}`)
	if (&audit.Filter{User: m.users[0]}).Match(&e) {
		t.Error("session_id is taken for actor_id")
	}
}
