package domain_test

import (
	"slices"
	"testing"

	"chainmail/domain"
)

func changeStatus(to domain.TaskStatus, by domain.ID) wish { return changeStatusOf(logo, to, by) }

func changeStatusOf(task domain.ID, to domain.TaskStatus, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.ChangeTaskStatus(domain.ChangeTaskStatus{Actor: as(by), TaskID: task, Status: to, Fresh: numbered()})
	}
}

// route is how a task of bob gets to a status.
func route(to domain.TaskStatus) []domain.Data {
	way := map[domain.TaskStatus][]domain.TaskStatus{
		domain.TaskOpen:       {domain.TaskOpen},
		domain.TaskInProgress: {domain.TaskOpen, domain.TaskInProgress},
		domain.TaskInReview:   {domain.TaskOpen, domain.TaskInProgress, domain.TaskInReview},
		domain.TaskDone:       {domain.TaskOpen, domain.TaskInProgress, domain.TaskInReview, domain.TaskDone},
		domain.TaskCancelled:  {domain.TaskOpen, domain.TaskCancelled},
	}[to]
	var all []domain.Data
	for i := 1; i < len(way); i++ {
		all = append(all, moved(way[i-1], way[i], bob)...)
	}
	return all
}

// moves is which status may follow which, as the product wants it: a row for each status, a column for what follows.
var moves = map[domain.TaskStatus]map[domain.TaskStatus]bool{
	domain.TaskOpen:       {domain.TaskInProgress: true, domain.TaskCancelled: true},
	domain.TaskInProgress: {domain.TaskOpen: true, domain.TaskInReview: true, domain.TaskCancelled: true},
	domain.TaskInReview:   {domain.TaskInProgress: true, domain.TaskDone: true, domain.TaskCancelled: true},
	domain.TaskDone:       {},
	domain.TaskCancelled:  {},
}

var titles = map[domain.TaskStatus]string{
	domain.TaskOpen: "Task open", domain.TaskInProgress: "Task in progress", domain.TaskInReview: "Task in review",
	domain.TaskDone: "Task done", domain.TaskCancelled: "Task cancelled",
}

func TestEveryStatusAfterEvery(t *testing.T) {
	t.Parallel()
	var tales []tale
	for from, may := range moves {
		history := given(registered(alice, bob), projects(alice), assigned(bob, alice), route(from))
		version := domain.Version(1 + len(route(from)))
		for to := range moves {
			c := tale{name: string(from) + " to " + string(to), given: history, when: changeStatus(to, bob)}
			switch {
			case from == to: // is no news
				c.rests = []domain.Expectation{account(bob, 1), standing(logo, version)}
			case may[to]:
				c.then = given(moved(from, to, bob), toldOfStatus(titles[to], bob, bob, alice))
				c.rests = []domain.Expectation{account(bob, 1), standing(logo, version)}
			default:
				c.refused = refusal(domain.Conflict, "status")
			}
			tales = append(tales, c)
		}
	}
	if len(tales) != 25 {
		t.Fatalf("got %d pairs of statuses", len(tales))
	}
	tell(t, tales)
}

func TestChangeTaskStatus(t *testing.T) {
	t.Parallel()
	there := given(registered(alice, bob, carol, root, clerk), projects(alice), assigned(bob, alice))
	own := given(registered(alice, bob, root), projects(alice), assigned(alice, alice))
	begun := func(by domain.ID, told ...domain.ID) []domain.Data {
		return given(moved(domain.TaskOpen, domain.TaskInProgress, by), toldOfStatus("Task in progress", by, told...))
	}
	begin := func(by domain.ID) wish { return changeStatus(domain.TaskInProgress, by) }
	tell(t, []tale{
		{
			name: "the freelancer: both learn of it", given: there, when: begin(bob), then: begun(bob, bob, alice),
			rests: []domain.Expectation{account(bob, 1), standing(logo, 1)},
		},
		{name: "the author", given: there, when: begin(alice), then: begun(alice, bob, alice)},
		{
			name: "an admin, who does not learn of it himself", given: there, when: begin(root), then: begun(root, bob, alice),
			rests: []domain.Expectation{account(root, 1), standing(logo, 1)},
		},
		{name: "a service", given: there, when: begin(clerk), then: begun(clerk, bob, alice)},
		{
			name: "who is both learns of it once", given: own, when: begin(alice),
			then: given(movedFor(alice, domain.TaskOpen, domain.TaskInProgress, alice), toldOfStatus("Task in progress", alice, alice)),
		},
		{
			name: "an ended freelancer learns nothing", given: given(there, deactivated(bob)),
			when: begin(alice), then: begun(alice, alice),
		},
		{
			name: "an ended author learns nothing", given: given(there, deactivated(alice)),
			when: begin(bob), then: begun(bob, bob),
		},
		{
			name: "with both ended nobody learns of it", given: given(there, deactivated(alice), deactivated(bob)),
			when: begin(root), then: begun(root),
		},
		{
			name: "a final status again is no news", given: given(there, route(domain.TaskDone)),
			when: changeStatus(domain.TaskDone, alice), rests: []domain.Expectation{account(alice, 1), standing(logo, 4)},
		},
		{name: "not to a status that is none", given: there, when: changeStatus("paused", bob), refused: refusal(domain.InvalidField, "status")},
		{name: "not to no status", given: there, when: changeStatus("", bob), refused: refusal(domain.InvalidField, "status")},
		{name: "not to Open", given: there, when: changeStatus("Open", bob), refused: refusal(domain.InvalidField, "status")},
		{
			name: "who cannot see it is not told that it is there", given: there,
			when: begin(carol), refused: refusal(domain.NotFound, "id"),
		},
		{
			name: "nor how it stands", given: given(there, route(domain.TaskDone)),
			when: begin(carol), refused: refusal(domain.NotFound, "id"),
		},
		{
			name: "not a task that is not there", given: there,
			when: changeStatusOf(imprint, domain.TaskDone, root), refused: refusal(domain.NotFound, "id"),
		},
		{
			name: "not the id of its project", given: there,
			when: changeStatusOf(website, domain.TaskDone, root), refused: refusal(domain.NotFound, "id"),
		},
		{name: "not by an ended freelancer", given: given(there, deactivated(bob)), when: begin(bob), refused: refusal(domain.Forbidden, "")},
		{name: "not by an ended author", given: given(there, deactivated(alice)), when: begin(alice), refused: refusal(domain.Forbidden, "")},
		{name: "not by an ended admin", given: given(there, deactivated(root)), when: begin(root), refused: refusal(domain.Forbidden, "")},
		{name: "not by nobody", given: there, when: begin(nobody), refused: refusal(domain.Forbidden, "")},
	})
}

// The freelancer begins and the author cancels, both having seen it open: the log takes the first alone. Then the other
// decides again, on what has become of it.
func TestTwoStatusChangesAtOnce(t *testing.T) {
	t.Parallel()
	begin, cancel := changeStatus(domain.TaskInProgress, bob), changeStatus(domain.TaskCancelled, alice)
	for _, tc := range []struct {
		name          string
		first, second wish
		then          []domain.Data // when the second decides again
		refused       *domain.Refusal
	}{
		{
			name: "begun, then cancelled", first: begin, second: cancel,
			then: given(moved(domain.TaskInProgress, domain.TaskCancelled, alice), toldOfStatus("Task cancelled", alice, bob, alice)),
		},
		{name: "cancelled, then begun", first: cancel, second: begin, refused: refusal(domain.Conflict, "status")},
		{name: "begun twice", first: begin, second: changeStatus(domain.TaskInProgress, alice)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			log := historyOf(t, given(registered(alice, bob), projects(alice), assigned(bob, alice)))
			there := stage{log.state, log, t}
			one, refusedOne := tc.first(there)
			two, refusedTwo := tc.second(there)
			if refusedOne != nil || refusedTwo != nil {
				t.Fatal(refusedOne, refusedTwo)
			}
			if !log.holds(one) || !log.holds(two) {
				t.Fatal("what was just decided does not hold")
			}
			checkAppended(t, log, one)
			if log.holds(two) {
				t.Fatal("both would be appended")
			}
			again, refused := tc.second(there)
			if refused != nil || tc.refused != nil {
				checkRefusal(t, again, refused, tc.refused)
				return
			}
			checkEvents(t, again.Drafts, tc.then)
		})
	}
}

// A task does not go to somebody whose account has ended meanwhile, nor does one act whose account has.
func TestEndedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		when wish
		ends domain.ID
	}{
		"the freelancer of a new task":   {createTask(bob, "Logo", "", alice), bob},
		"the author of a new task":       {createTask(bob, "Logo", "", alice), alice},
		"the author of a project":        {createProject("Website", "", alice), alice},
		"who changes a status":           {changeStatusOf(imprint, domain.TaskCancelled, bob), bob},
		"who is notified":                {notify(domain.CreateNotification{UserID: bob}, root), bob},
		"who notifies":                   {notify(domain.CreateNotification{UserID: bob}, root), root},
		"who announces":                  {announce("Pause", "At six.", "", root), root},
		"who has read a notification":    {readNotification(note, bob, bob), bob},
		"the freelancer of a task, once": {createTask(alice, "Logo", "", alice), alice},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := *assigned(bob, alice)[0].(*domain.TaskCreated)
			other.TaskID = imprint
			log := historyOf(t, given(registered(alice, bob, root), projects(alice), events(&other)))
			d, refused := tc.when(stage{log.state, log, t})
			if refused != nil || !log.holds(d) {
				t.Fatalf("refused: %v", refused)
			}
			log.append(t, domain.Draft{Stream: domain.UserStream(tc.ends), Data: deactivated(tc.ends)[0]}, as(root))
			if log.holds(d) {
				t.Error("it would be appended")
			}
		})
	}
}

func TestTaskStatuses(t *testing.T) {
	t.Parallel()
	for from, may := range moves {
		if !from.Valid() {
			t.Errorf("%q is not valid", from)
		}
		for to := range moves {
			if got := slices.Contains(from.Next(), to); got != may[to] {
				t.Errorf("%s after %s: got %t", to, from, got)
			}
		}
	}
	for _, none := range []domain.TaskStatus{"", "Open", "in progress", "finished"} {
		if none.Valid() || len(none.Next()) > 0 {
			t.Errorf("%q is valid", none)
		}
	}
}
