package domain_test

import (
	"testing"

	"chainmail/domain"
)

// Given what happened, this may not follow, since nobody may make it of a project or a task.
func TestUnlawfulProjectsAndTasks(t *testing.T) {
	t.Parallel()
	all := registered(alice, bob, carol, root, clerk)
	site := given(all, projects(alice))
	there := given(site, assigned(bob, alice))
	other := func(change func(*domain.TaskStatusChanged)) domain.Data {
		d := moved(domain.TaskOpen, domain.TaskInProgress, bob)[0].(*domain.TaskStatusChanged)
		change(d)
		return d
	}
	ofCarol := assigned(bob, carol)[0].(*domain.TaskCreated)
	ofCarol.AuthorID = carol
	begun := moved(domain.TaskOpen, domain.TaskInProgress, bob)[0]
	for _, tc := range []unlawful{
		{name: "a project that is there", given: site, event: projects(alice)[0]},
		{name: "a project of an ended account", given: given(all, deactivated(alice)), event: projects(alice)[0]},
		{name: "a project of a stranger", given: all, event: projects(nobody)[0]},
		{name: "a project in another's name", given: all, event: projects(alice)[0], by: root},

		{name: "a task that is there", given: there, event: assigned(carol, alice)[0]},
		{name: "a task of no project", given: all, event: assigned(bob, alice)[0]},
		{name: "a task of a project of another author", given: site, event: ofCarol},
		{name: "a task by another member", given: site, event: assigned(bob, carol)[0]},
		{name: "a task by its freelancer", given: site, event: assigned(bob, bob)[0]},
		{name: "a task by an ended author", given: given(site, deactivated(alice)), event: assigned(bob, alice)[0]},
		{name: "a task for a stranger", given: site, event: assigned(nobody, alice)[0]},
		{name: "a task for an ended account", given: given(site, deactivated(bob)), event: assigned(bob, alice)[0]},
		{name: "a task in the author's name", given: site, event: assigned(bob, alice)[0], by: root},

		{name: "a change of no task", given: site, event: begun},
		{name: "a change that names another project", given: there,
			event: other(func(d *domain.TaskStatusChanged) { d.ProjectID = shop })},
		{name: "a change that names another author", given: there,
			event: other(func(d *domain.TaskStatusChanged) { d.AuthorID = carol })},
		{name: "a change that names another freelancer", given: there,
			event: other(func(d *domain.TaskStatusChanged) { d.FreelancerID = carol })},
		{name: "a change by another member", given: there, event: moved(domain.TaskOpen, domain.TaskInProgress, carol)[0]},
		{name: "a change by an ended freelancer", given: given(there, deactivated(bob)), event: begun},
		{name: "a change in the freelancer's name", given: there, event: begun, by: root},
		{name: "a change from what it was not", given: given(there, route(domain.TaskInReview)), event: begun},
		{name: "a change of what was changed at once", given: given(there, moved(domain.TaskOpen, domain.TaskCancelled, alice)), event: begun},
		{name: "a change to what it is", given: there, event: moved(domain.TaskOpen, domain.TaskOpen, bob)[0]},
		{name: "a change to a status that is none", given: there, event: moved(domain.TaskOpen, "paused", bob)[0]},
	} {
		t.Run(tc.name, tc.run)
	}
	for from, may := range moves {
		for to := range moves {
			c := unlawful{given: given(there, route(from)), event: moved(from, to, bob)[0]}
			if !may[to] {
				t.Run("from "+string(from)+" to "+string(to), c.run)
			}
		}
	}
}

// Given what happened, nobody is told this: no act of his concerns the other, or not any more.
func TestUnlawfulNotices(t *testing.T) {
	t.Parallel()
	all := registered(alice, bob, carol, root, clerk)
	site := given(all, projects(alice))
	there := given(site, toldOfProject(alice, clerk, bob, carol, root), assigned(bob, alice))
	begun := given(there, toldOfTask(bob, alice), moved(domain.TaskOpen, domain.TaskInProgress, bob))
	ofProject := func(user, by domain.ID) domain.Data { return toldOfProject(by, user)[0] }
	ofTask := func(user, by domain.ID) domain.Data { return toldOfTask(user, by)[0] }
	ofStatus := func(user, by domain.ID) domain.Data { return toldOfStatus("Task in progress", by, user)[0] }
	for _, tc := range []unlawful{
		{name: "a member's", given: all, event: notified(bob, alice)[0]},
		{name: "a member's to himself", given: all, event: notified(alice, alice)[0]},
		{name: "to a stranger", given: all, event: notified(nobody, root)[0]},
		{name: "to an ended account", given: given(all, deactivated(bob)), event: notified(bob, root)[0]},
		{name: "to a stranger, of a project", given: site, event: ofProject(nobody, alice)},
		{name: "by an ended account", given: given(all, deactivated(root)), event: notified(bob, root)[0]},
		{name: "in an admin's name", given: all, event: notified(bob, root)[0], by: alice},
		{name: "in an admin's name by the system", given: all, event: notified(bob, root)[0], by: nobody},

		{name: "of a project to its author", given: site, event: ofProject(alice, alice)},
		{name: "of another's project", given: site, event: ofProject(carol, bob)},
		{name: "of a project in its author's name", given: site, event: ofProject(bob, alice), by: root},
		{name: "of a project by an author whose account ended", given: given(site, deactivated(alice)), event: ofProject(bob, alice)},
		{name: "of a project after a block", given: given(site, blocked(bob, carol)), event: ofProject(bob, alice)},
		{name: "of a project after a message", given: given(all, group(team, alice, bob), projects(alice), said(hello, team, bob)),
			event: ofProject(bob, alice)},
		{name: "of a project after somebody joined", given: given(registered(alice, bob), projects(alice), registered(carol)),
			event: ofProject(bob, alice)},
		{name: "of a project after another's", given: given(site, projectsOf(bob, shop)), event: ofProject(carol, alice)},
		{name: "of a project after some and a block", given: given(site, toldOfProject(alice, clerk), blocked(bob, carol)),
			event: ofProject(bob, alice)},

		{name: "of a project to one twice", given: given(site, toldOfProject(alice, bob)), event: ofProject(bob, alice)},
		{name: "of a project out of order", given: given(site, toldOfProject(alice, carol)), event: ofProject(bob, alice)},
		{name: "of a project after an admin's words", given: given(site, toldOfProject(alice, clerk), notified(bob, root)),
			event: ofProject(carol, alice)},
		{name: "of a project right after an admin's words", given: given(site, notified(bob, root)), event: ofProject(carol, alice)},
		{name: "of a project as of a task", given: site, event: ofTask(bob, alice)},
		{name: "of a project with an idempotency_key", given: site, event: requested(toldOfProject(alice, bob))[0]},
		{name: "of a task to its author", given: there, event: ofTask(alice, alice)},
		{name: "of a task to one twice", given: given(there, toldOfTask(bob, alice)), event: ofTask(bob, alice)},
		{name: "of one's own task", given: given(site, assigned(alice, alice)), event: ofTask(alice, alice)},
		{name: "of a status out of order", given: given(begun, toldOfStatus("Task in progress", bob, alice)), event: ofStatus(bob, bob)},
		{name: "of a status to one twice", given: given(begun, toldOfStatus("Task in progress", bob, bob)), event: ofStatus(bob, bob)},
		{name: "of a status as of a task", given: begun, event: ofTask(alice, bob)},
		{name: "of a task to a third", given: there, event: ofTask(carol, alice)},
		{name: "of a task by its freelancer", given: there, event: ofTask(alice, bob)},
		{name: "of a task after something else", given: given(there, blocked(bob, carol)), event: ofTask(bob, alice)},
		{name: "of a task of another author", given: there, event: ofTask(bob, carol)},

		{name: "of a status to a third", given: begun, event: ofStatus(carol, bob)},
		{name: "of a status by another", given: begun, event: ofStatus(alice, alice)},
		{name: "of a status after something else", given: given(begun, blocked(bob, carol)), event: ofStatus(alice, bob)},
		{name: "of a status after the next one", given: given(begun, moved(domain.TaskInProgress, domain.TaskOpen, alice)),
			event: ofStatus(alice, bob)},
		{name: "of a status after some and something else",
			given: given(begun, toldOfStatus("Task in progress", bob, bob), blocked(carol, root)), event: ofStatus(alice, bob)},

		{name: "of a project after a block and an admin's words", given: given(site, blocked(bob, carol), notified(bob, root)),
			event: ofProject(carol, alice)},

		{name: "an announcement of a member", given: all, event: announced(alice)[0]},
		{name: "an announcement of a stranger", given: all, event: announced(nobody)[0]},
		{name: "an announcement of an ended account", given: given(all, deactivated(clerk)), event: announced(clerk)[0]},
		{name: "an announcement in an admin's name", given: all, event: announced(root)[0], by: alice},

		{name: "read by an ended account", given: given(all, notified(bob, root), deactivated(bob)), event: noted(note, bob)[0]},
		{name: "read by a stranger", given: all, event: noted(note, nobody)[0]},
		{name: "read in another's name", given: given(all, notified(bob, root)), event: noted(note, bob)[0], by: root},
	} {
		t.Run(tc.name, tc.run)
	}
}

// What decisions lead to is lawful, also where those whom it concerns have gone between the decision and the append.
func TestLawfulWork(t *testing.T) {
	t.Parallel()
	all := registered(alice, bob, carol, root, clerk)
	site := given(all, projects(alice))
	for name, history := range map[string][]domain.Data{
		"a task's life": given(site, toldOfProject(alice, clerk, bob, carol, root), assigned(bob, alice), toldOfTask(bob, alice),
			moved(domain.TaskOpen, domain.TaskInProgress, bob), toldOfStatus("Task in progress", bob, bob, alice),
			moved(domain.TaskInProgress, domain.TaskInReview, bob), toldOfStatus("Task in review", bob, bob, alice),
			moved(domain.TaskInReview, domain.TaskDone, alice), toldOfStatus("Task done", alice, bob, alice), noted(note, bob)),
		"an admin and a service act": given(site, assigned(bob, root), toldOfTask(bob, root),
			moved(domain.TaskOpen, domain.TaskInProgress, clerk), toldOfStatus("Task in progress", clerk, bob, alice),
			moved(domain.TaskInProgress, domain.TaskCancelled, root), toldOfStatus("Task cancelled", root, bob, alice)),
		"for oneself": given(site, assigned(alice, alice), movedFor(alice, domain.TaskOpen, domain.TaskCancelled, alice),
			toldOfStatus("Task cancelled", alice, alice)),
		"nobody is left to be told": given(registered(alice), projects(alice)),
		"told though ended meanwhile": given(all, deactivated(carol), projects(alice), toldOfProject(alice, clerk, bob, carol, root),
			assigned(bob, alice), toldOfTask(bob, alice), deactivated(bob), moved(domain.TaskOpen, domain.TaskCancelled, alice),
			toldOfStatus("Task cancelled", alice, bob, alice)),
		"not told though there by now": given(all, registered(dave), projects(alice), toldOfProject(alice, clerk, bob, carol, root)),
		"two acts of one":              given(site, toldOfProject(alice, bob), projectsOf(alice, shop), toldOfProject(alice, bob)),
		"what admins and services tell": given(all, notified(bob, root), notified(root, clerk), notified(root, root),
			announced(root), announced(clerk), noted(note, bob)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkLawful(t, history)
		})
	}
	for from, may := range moves {
		for to := range may {
			t.Run("from "+string(from)+" to "+string(to), func(t *testing.T) {
				t.Parallel()
				checkLawful(t, given(site, assigned(bob, alice), route(from), moved(from, to, bob)))
			})
		}
	}
}

func checkLawful(t *testing.T, history []domain.Data) {
	t.Helper()
	state := domain.NewState()
	for _, e := range historyOf(t, history).events {
		d, err := domain.Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := state.Lawful(e, d); err != nil {
			t.Errorf("%s at %d: %v", e.Type, e.Position, err)
		}
		if err := state.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
}

// What is lawful is no longer, in another stream or by another actor.
func TestUnlawfulPlaceOfWork(t *testing.T) {
	t.Parallel()
	all := given(registered(alice, bob, carol, root), projects(alice))
	for _, tc := range []struct {
		given []domain.Data
		event domain.Data
	}{
		{registered(alice, bob, carol), projects(alice)[0]},
		{all, assigned(bob, alice)[0]},
		{given(all, assigned(bob, alice)), moved(domain.TaskOpen, domain.TaskInProgress, bob)[0]},
		{all, toldOfProject(alice, bob)[0]},
		{all, notified(bob, root)[0]},
		{given(all, notified(bob, root)), noted(note, bob)[0]},
		{all, announced(root)[0]},
	} {
		t.Run(string(tc.event.Type()), func(t *testing.T) {
			t.Parallel()
			state := historyOf(t, tc.given).state
			good := lawfulEvent(t, tc.event, state.Position+1)
			if err := state.Lawful(good, tc.event); err != nil {
				t.Fatal(err)
			}
			for name, stream := range map[string]domain.StreamID{
				"another project": domain.ProjectStream(shop), "another task": domain.TaskStream(imprint),
				"another user's notifications": domain.NotificationStream(carol), "the log": domain.LogStream, "none": "",
				"no project": "project-", "no task": "task-", "nobody's notifications": "notifications-", "one announcement": "announcements-",
				"more": good.Stream + "0", "the user": domain.UserStream(bob), "what is between him and others": domain.GuardStream(bob),
			} {
				e := good
				e.Stream = stream
				if state.Lawful(e, tc.event) == nil {
					t.Errorf("lawful in the stream of %s, %q", name, stream)
				}
			}
			for name, actor := range map[string]domain.Actor{"another": as(carol), "the system": {Auth: domain.AuthSystem}} {
				encoded, err := domain.Encode(copyOf(tc.event), actor)
				if err != nil {
					t.Fatal(err)
				}
				e := good
				e.Metadata = encoded.Metadata
				if state.Lawful(e, tc.event) == nil {
					t.Errorf("lawful by %s", name)
				}
			}
		})
	}
}
