package domain_test

import (
	"reflect"
	"strings"
	"testing"

	"chainmail/domain"
)

func createProject(title, key string, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.CreateProject(domain.CreateProject{
			Actor: as(by), ID: website, Title: title, Salt: salt, IdempotencyKey: key, Fresh: numbered(),
		})
	}
}

func TestCreateProject(t *testing.T) {
	t.Parallel()
	people := registered(dave, bob, root, alice, clerk)
	longKey := strings.Repeat("é", 32)
	longest := projects(alice)
	longest[0].(*domain.ProjectCreated).IdempotencyKey = &longKey
	once := keys(domain.RequestKey(domain.TypeProjectCreated, alice, "k-1"))
	tell(t, []tale{
		{
			name: "all others learn of it, in the order of their ids", given: people,
			when: createProject("Website", "", alice), then: given(projects(alice), toldOfProject(alice, clerk, bob, dave, root)),
			rests: []domain.Expectation{account(alice, 1)},
		},
		{
			name: "a service's project too", given: registered(bob, clerk),
			when: createProject("Website", "", clerk), then: given(projects(clerk), toldOfProject(clerk, bob)),
		},
		{
			name: "there may be nobody else", given: registered(alice),
			when: createProject("Website", "", alice), then: projects(alice),
		},
		{
			name: "ended accounts learn nothing", given: given(people, deactivated(bob), deactivated(root)),
			when: createProject("Website", "", alice), then: given(projects(alice), toldOfProject(alice, clerk, dave)),
		},
		{
			name: "a block does not matter", given: given(registered(alice, bob), blocked(bob, alice)),
			when: createProject("Website", "", alice), then: given(projects(alice), toldOfProject(alice, bob)),
		},
		{
			name: "once for an idempotency_key, which the notifications don't have", given: registered(alice, bob),
			when: createProject("Website", "k-1", alice),
			then: given(requested(projects(alice)), toldOfProject(alice, bob)), keys: once,
		},
		{
			name: "an idempotency_key of 64 bytes", given: registered(alice),
			when: createProject("Website", longKey, alice), then: longest,
			keys: keys(domain.RequestKey(domain.TypeProjectCreated, alice, longKey)),
		},
		{
			name: "not an idempotency_key of 65 bytes", given: people,
			when:    createProject("Website", longKey+"x", alice),
			refused: refusal(domain.InvalidField, "idempotency_key"),
		},
		{
			name: "not an idempotency_key with U+0000", given: people,
			when:    createProject("Website", "k\x00", alice),
			refused: refusal(domain.InvalidField, "idempotency_key"),
		},
		{
			name: "not an idempotency_key that is no UTF-8", given: people,
			when:    createProject("Website", "k\xff", alice),
			refused: refusal(domain.InvalidField, "idempotency_key"),
		},
		{
			name: "not without a title", given: people,
			when: createProject("", "", alice), refused: refusal(domain.InvalidField, "title"),
		},
		{
			name: "not with a title of several lines", given: people,
			when: createProject("Web\nsite", "", alice), refused: refusal(domain.InvalidField, "title"),
		},
		{
			name: "not with a title that is too long", given: people,
			when: createProject(strings.Repeat("x", domain.MaxTitle+1), "", alice), refused: refusal(domain.TooLarge, "title"),
		},
		{
			name: "not by an ended account", given: given(people, deactivated(alice)),
			when: createProject("Website", "k-1", alice), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not by nobody", given: people,
			when: createProject("Website", "", nobody), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not by the system", given: people,
			when: createProject("Website", "", domain.ID{}), refused: refusal(domain.Forbidden, ""),
		},
	})
}

// Whoever is told comes in the same order every time, however many there are.
func TestDecidingIsDeterministic(t *testing.T) {
	t.Parallel()
	people := crowd(200)
	author := people[100]
	state := historyOf(t, registered(people...)).state
	decide := createProject("Website", "", author)
	first, refused := decide(stage{State: state})
	if refused != nil || len(first.Drafts) != len(people) {
		t.Fatalf("got %d events, %v", len(first.Drafts), refused)
	}
	var last domain.ID
	for _, draft := range first.Drafts[1:] {
		user := draft.Data.(*domain.NotificationCreated).UserID
		if !last.Less(user) || user == author {
			t.Errorf("%s is told after %s", user, last)
		}
		last = user
	}
	for range 10 {
		if again, _ := decide(stage{State: state}); !reflect.DeepEqual(again, first) {
			t.Fatal("decided twice on one state, with two outcomes")
		}
	}
}

func TestStateTellsOfProjects(t *testing.T) {
	t.Parallel()
	first, second := assigned(bob, alice), assigned(bob, root)
	second[0].(*domain.TaskCreated).TaskID = imprint
	s := historyOf(t, given(registered(alice, bob, root, clerk), projects(alice, shop), second, first)).state
	for id, want := range map[domain.ID]*domain.Project{
		website: {ID: website, AuthorID: alice, Title: "Website", Tasks: []domain.ID{imprint, logo}},
		shop:    {ID: shop, AuthorID: alice, Title: "Website"},
	} {
		if got := s.Project(id); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if got := s.Project(logo); got != nil {
		t.Errorf("no project: got %+v", got)
	}
	for user, want := range map[domain.ID]bool{alice: true, bob: false, root: true, clerk: true, nobody: false} {
		if got := s.SeesTasks(user, s.Project(website)); got != want {
			t.Errorf("%s sees the project's tasks: got %t", user, got)
		}
	}
}

func TestStateTellsSinceWhen(t *testing.T) {
	t.Parallel()
	s := historyOf(t, given(registered(alice, bob), blocked(alice, bob), registered(carol), deactivated(carol))).state
	for user, want := range map[domain.ID]domain.Position{alice: 1, bob: 2, carol: 4} {
		if got := s.User(user).Since; got != want {
			t.Errorf("%s: got %d, want %d", user, got, want)
		}
	}
}
