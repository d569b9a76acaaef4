package domain_test

import (
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
)

func createTask(freelancer domain.ID, title, key string, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.CreateTask(domain.CreateTask{
			Actor: as(by), ID: logo, ProjectID: website, FreelancerID: freelancer, Title: title, Salt: salt,
			IdempotencyKey: key, Fresh: numbered(),
		})
	}
}

func TestCreateTask(t *testing.T) {
	t.Parallel()
	people := registered(alice, bob, carol, root, clerk)
	there := given(people, projects(alice))
	once := keys(domain.RequestKey(domain.TypeTaskCreated, alice, "k-1"))
	tell(t, []tale{
		{
			name: "the author's, of which the freelancer learns", given: there,
			when: createTask(bob, "Logo", "", alice), then: given(assigned(bob, alice), toldOfTask(bob, alice)),
			rests: []domain.Expectation{account(alice, 1), account(bob, 1)},
		},
		{
			name: "an admin's", given: there,
			when: createTask(bob, "Logo", "", root), then: given(assigned(bob, root), toldOfTask(bob, root)),
			rests: []domain.Expectation{account(root, 1), account(bob, 1)},
		},
		{
			name: "a service's", given: there,
			when: createTask(bob, "Logo", "", clerk), then: given(assigned(bob, clerk), toldOfTask(bob, clerk)),
		},
		{
			name: "an admin's for himself", given: there,
			when: createTask(root, "Logo", "", root), then: assigned(root, root),
		},
		{
			name: "for the author, by another", given: there,
			when: createTask(alice, "Logo", "", root), then: given(assigned(alice, root), toldOfTask(alice, root)),
		},
		{
			name: "one's own doing is no news", given: there,
			when: createTask(alice, "Logo", "", alice), then: assigned(alice, alice),
			rests: []domain.Expectation{account(alice, 1)},
		},
		{
			name: "in the project of an author whose account ended", given: given(there, deactivated(alice)),
			when: createTask(bob, "Logo", "", root), then: given(assigned(bob, root), toldOfTask(bob, root)),
		},
		{
			name: "a block does not matter", given: given(there, blocked(bob, alice)),
			when: createTask(bob, "Logo", "", alice), then: given(assigned(bob, alice), toldOfTask(bob, alice)),
		},
		{
			name: "once for an idempotency_key", given: there,
			when: createTask(bob, "Logo", "k-1", alice), then: given(requested(assigned(bob, alice)), toldOfTask(bob, alice)), keys: once,
		},
		{
			name: "not an idempotency_key that is too long", given: there,
			when:    createTask(bob, "Logo", strings.Repeat("k", 65), alice),
			refused: refusal(domain.InvalidField, "idempotency_key"),
		},
		{
			name: "not without a title", given: there,
			when: createTask(bob, " ", "", alice), refused: refusal(domain.InvalidField, "title"),
		},
		{
			name: "not with a title that is too long", given: there,
			when: createTask(bob, strings.Repeat("x", domain.MaxTitle+1), "", alice), refused: refusal(domain.TooLarge, "title"),
		},
		{
			name: "not of a project that is not there", given: people,
			when: createTask(bob, "Logo", "", root), refused: refusal(domain.NotFound, "project_id"),
		},
		{
			name: "not by another member", given: there,
			when: createTask(bob, "Logo", "", carol), refused: refusal(domain.Forbidden, "project_id"),
		},
		{
			name: "not by the freelancer", given: there,
			when: createTask(bob, "Logo", "", bob), refused: refusal(domain.Forbidden, "project_id"),
		},
		{
			name: "not for nobody", given: there,
			when: createTask(nobody, "Logo", "", alice), refused: refusal(domain.ReceiverNotFound, "freelancer_id"),
		},
		{
			name: "not without a freelancer", given: there,
			when: createTask(domain.ID{}, "Logo", "", alice), refused: refusal(domain.ReceiverNotFound, "freelancer_id"),
		},
		{
			name: "not for an ended account", given: given(there, deactivated(bob)),
			when: createTask(bob, "Logo", "", alice), refused: refusal(domain.ReceiverNotFound, "freelancer_id"),
		},
		{
			name: "not by an ended account", given: given(there, deactivated(alice)),
			when: createTask(bob, "Logo", "", alice), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not by an admin whose account ended", given: given(there, deactivated(root)),
			when: createTask(bob, "Logo", "", root), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not by nobody", given: there,
			when: createTask(bob, "Logo", "", nobody), refused: refusal(domain.Forbidden, ""),
		},
	})
}

func TestStateTellsOfTasks(t *testing.T) {
	t.Parallel()
	second := *assigned(alice, root)[0].(*domain.TaskCreated) // her own, in her own project
	second.TaskID = imprint
	s := historyOf(t, given(registered(alice, bob, carol, root, clerk), projects(alice), assigned(bob, alice),
		moved(domain.TaskOpen, domain.TaskInProgress, bob), events(&second))).state
	got := s.Task(logo)
	if got == nil || got.ID != logo || got.ProjectID != website || got.AuthorID != alice || got.FreelancerID != bob ||
		got.Title != "Logo" || got.Status != domain.TaskInProgress {
		t.Errorf("got %+v", got)
	}
	if got := s.Task(website); got != nil {
		t.Errorf("no task: got %+v", got)
	}
	for user, want := range map[domain.ID][]domain.ID{alice: {logo, imprint}, bob: {logo}, carol: nil, root: nil} {
		if got := s.TasksOf(user); !slices.Equal(got, want) {
			t.Errorf("tasks of %s: got %v, want %v", user, got, want)
		}
	}
	for user, want := range map[domain.ID]bool{alice: true, bob: true, carol: false, root: true, clerk: true, nobody: false} {
		if got := s.SeesTask(user, s.Task(logo)); got != want {
			t.Errorf("%s sees the task: got %t", user, got)
		}
	}
	if s.SeesTask(bob, s.Task(imprint)) {
		t.Error("a freelancer sees another's task of the same project")
	}
}
