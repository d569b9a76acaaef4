package domain_test

import (
	"reflect"
	"slices"
	"testing"

	"chainmail/domain"
)

func TestApplyRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob, carol), group(team, alice, bob), direct(private, alice, bob))
	for _, tc := range []struct {
		name  string
		given []domain.Data
		event domain.Data
	}{
		{"registered twice", talk, registered(alice)[0]},
		{"registered after the end", given(talk, deactivated(alice)), registered(alice)[0]},
		{"deactivated without an account", talk, deactivated(nobody)[0]},
		{"a conversation started twice", talk, group(team, alice, carol)[0]},
		{"a second direct conversation", talk, direct(fresh, bob, alice)[0]},
		{"a direct conversation of three", talk, &domain.ConversationStarted{
			ConversationID: fresh, StarterID: alice, Direct: true, ParticipantIDs: inOrder(alice, bob, carol),
		}},
		{"added to nothing", talk, added(fresh, bob, alice)[0]},
		{"added twice", talk, added(team, bob, alice)[0]},
		{"added to two", talk, added(private, carol, alice)[0]},
		{"left nothing", talk, left(fresh, bob)[0]},
		{"left without being there", talk, left(team, carol)[0]},
		{"left twice", given(talk, left(team, bob)), left(team, bob)[0]},
		{"left the other", talk, left(private, bob)[0]},
		{"a project of an id that is taken", given(talk, projects(alice)), projects(bob)[0]},
		{"a task of an id that is taken", given(talk, projects(alice), assigned(bob, alice)), assigned(carol, alice)[0]},
		{"a task of no project", talk, assigned(bob, alice)[0]},
		{"a task of another's project", given(talk, projects(carol)), assigned(bob, alice)[0]},
		{"a change of no task", given(talk, projects(alice)), moved(domain.TaskOpen, domain.TaskInProgress, bob)[0]},
		{"released twice", given(talk, installed(strict), keptBack(team, alice), released(7, team, nil)), releasedAt(7, team)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			log := historyOf(t, tc.given)
			before := historyOf(t, tc.given).state
			encoded, err := domain.Encode(tc.event, as(alice))
			if err != nil {
				t.Fatal(err)
			}
			checkUntouched(t, log.state, before, domain.Event{
				Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
			})
		})
	}
}

func TestApplyRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob), group(team, alice, bob))
	for name, e := range map[string]domain.Event{
		"no JSON":         {Type: domain.TypeParticipantLeft, Payload: []byte("{"), Metadata: []byte(version1)},
		"no ids":          {Type: domain.TypeParticipantLeft, Payload: []byte("{}"), Metadata: []byte(version1)},
		"a newer version": {Type: domain.TypeUserBlocked, Payload: []byte("{}"), Metadata: []byte(`{"schema_version":2}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkUntouched(t, historyOf(t, talk).state, historyOf(t, talk).state, e)
		})
	}
}

// checkUntouched applies a bad event: it is an error, and moves nothing but the position.
func checkUntouched(t *testing.T, got, before *domain.State, e domain.Event) {
	t.Helper()
	e.Position = before.Position + 1
	if err := got.Apply(e); err == nil {
		t.Fatalf("applied %s", e.Type)
	}
	if got.Position != e.Position {
		t.Errorf("got position %d, want %d", got.Position, e.Position)
	}
	before.Position = e.Position
	if !reflect.DeepEqual(got, before) {
		t.Errorf("the state changed by what was refused")
	}
}

func TestApplyPassesOverWhatDecidesNothing(t *testing.T) {
	t.Parallel()
	got, want := domain.NewState(), domain.NewState()
	for i, of := range []domain.Type{domain.TypeLogCreated, domain.TypeMessageSent, domain.TypeMessageRead, "FromTheFuture"} {
		if err := got.Apply(domain.Event{Position: domain.Position(i + 1), Type: of, Payload: []byte("unread")}); err != nil {
			t.Errorf("%s: %v", of, err)
		}
	}
	want.Position = 4
	if !reflect.DeepEqual(got, want) {
		t.Error("the state changed")
	}
}

func TestApplyTwiceIsOnce(t *testing.T) {
	t.Parallel()
	talk := given(registered(alice, bob, carol), group(team, alice, bob), blocked(alice, bob), left(team, bob))
	log := historyOf(t, talk)
	for _, e := range log.events {
		if err := log.state.Apply(e); err != nil {
			t.Error(err)
		}
	}
	if want := historyOf(t, talk); !reflect.DeepEqual(log.state, want.state) {
		t.Error("what was applied was applied again")
	}
}

func TestDeciding(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"LogKeyRotated": true, "UserRegistered": true, "UserDeactivated": true, "ConversationStarted": true, "ParticipantAdded": true,
		"ParticipantLeft": true, "UserBlocked": true, "UserUnblocked": true,
		"GuardPolicyInstalled": true, "MessageReleased": true,
		"ProjectCreated": true, "TaskCreated": true, "TaskStatusChanged": true,
	}
	for _, name := range typesInSource(t) {
		if got := domain.Type(name).Deciding(); got != want[name] {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestStateTellsOfUsers(t *testing.T) {
	t.Parallel()
	s := historyOf(t, given(registered(alice, bob, root), deactivated(bob))).state
	for user, want := range map[domain.ID]*domain.User{
		alice:  {ID: alice, Role: domain.RoleMember, Active: true},
		bob:    {ID: bob, Role: domain.RoleMember},
		root:   {ID: root, Role: domain.RoleAdmin, Active: true},
		nobody: nil,
	} {
		got := s.User(user)
		if (got == nil) != (want == nil) || got != nil && (got.ID != want.ID || got.Role != want.Role || got.Active != want.Active) {
			t.Errorf("%s: got %+v, want %+v", user, got, want)
		}
		if active := want != nil && want.Active; s.Active(user) != active {
			t.Errorf("%s: got active %t", user, !active)
		}
	}
	if got := s.ActiveUsers(); got != 2 {
		t.Errorf("got %d active users, want 2", got)
	}
}

func TestStateTellsOfConversations(t *testing.T) {
	t.Parallel()
	log := historyOf(t, given(
		registered(alice, bob, carol), direct(private, bob, alice), group(team, alice, bob), // 4, 5
		left(team, bob), added(team, carol, alice), added(team, bob, carol), // 6, 7, 8
		left(team, bob), added(team, bob, alice), // 9, 10
	))
	s := log.state
	if got, want := s.ConversationsOf(bob), []domain.ID{private, team}; !slices.Equal(got, want) {
		t.Errorf("bob's: got %v, want %v", got, want)
	}
	if got := s.Direct(alice, bob); got == nil || got != s.Direct(bob, alice) || got != s.Conversation(private) {
		t.Errorf("direct: got %+v", got)
	}
	if got := s.Direct(alice, carol); got != nil {
		t.Errorf("direct, where there is none: got %+v", got)
	}
	if got := s.Conversation(private).Other(alice); got != bob {
		t.Errorf("the other: got %s, want bob", got)
	}
	c := s.Conversation(team)
	if c.StarterID != alice || c.Direct || !c.StartedAt.Equal(log.events[4].RecordedAt) {
		t.Errorf("got %+v", c)
	}
	want := []domain.Member{
		{User: alice, From: 5},
		{User: bob, From: 5, To: 6}, {User: bob, From: 8, To: 9}, {User: bob, From: 10},
		{User: carol, From: 7},
	}
	if got := c.Members(); !slices.Equal(got, want) {
		t.Errorf("members: got %v, want %v", got, want)
	}
}
