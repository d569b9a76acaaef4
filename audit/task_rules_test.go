package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

func TestTaskRules(t *testing.T) {
	t.Parallel()
	runWorkCases(t, []workCase{
		{"as it should be", func(s *working) []place {
			s.forge(s.alice, s.moving(s.alice, domain.TaskInProgress, domain.TaskInReview))
			s.forge(s.root, s.moving(s.root, domain.TaskInReview, domain.TaskDone))
			return nil
		}},
		{"a status that may not follow", func(s *working) []place {
			return rule(s.forge(s.bob, s.moving(s.bob, domain.TaskInProgress, domain.TaskDone)))
		}},
		{"a status after the last one", func(s *working) []place {
			s.forge(s.bob, s.moving(s.bob, domain.TaskInProgress, domain.TaskCancelled))
			return rule(s.forge(s.bob, s.moving(s.bob, domain.TaskCancelled, domain.TaskOpen)))
		}},
		{"a status that it was not in", func(s *working) []place {
			return rule(s.forge(s.bob, s.moving(s.bob, domain.TaskInReview, domain.TaskDone)))
		}},
		{"changed by whom it does not concern", func(s *working) []place {
			return rule(s.forge(s.carol, s.moving(s.carol, domain.TaskInProgress, domain.TaskInReview)))
		}},
		{"changed with another freelancer", func(s *working) []place {
			d := s.moving(s.bob, domain.TaskInProgress, domain.TaskInReview)
			d.Data.(*domain.TaskStatusChanged).FreelancerID = s.carol
			return rule(s.forge(s.bob, d))
		}},
		{"changed, and there is none", func(s *working) []place {
			s.task = newID()
			return rule(s.forge(s.bob, s.moving(s.bob, domain.TaskOpen, domain.TaskInProgress)))
		}},
		{"a project twice", func(s *working) []place {
			d := creating(s.carol)
			d.Stream, d.Data.(*domain.ProjectCreated).ProjectID = domain.ProjectStream(s.project), s.project
			return rule(s.forge(s.carol, d))
		}},
		{"a task twice", func(s *working) []place {
			d := s.assigning(s.alice, s.bob)
			d.Stream, d.Data.(*domain.TaskCreated).TaskID = domain.TaskStream(s.task), s.task
			return rule(s.forge(s.alice, d))
		}},
		{"a task of no project", func(s *working) []place {
			s.project = newID()
			return rule(s.forge(s.alice, s.assigning(s.alice, s.bob)))
		}},
		{"a task by a stranger", func(s *working) []place { return rule(s.forge(s.carol, s.assigning(s.carol, s.bob))) }},
		{"a task for nobody", func(s *working) []place { return rule(s.forge(s.alice, s.assigning(s.alice, newID()))) }},
	})
}

// What was made by an idempotency_key is not made again by it, whoever wrote the log.
func TestIdempotencyKeyRules(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(s *working, by domain.ID) domain.Draft{
		"a conversation":  func(s *working, by domain.ID) domain.Draft { return starting(by, s.carol) },
		"a project":       func(_ *working, by domain.ID) domain.Draft { return creating(by) },
		"a task":          func(s *working, by domain.ID) domain.Draft { return s.assigning(by, s.carol) },
		"a notification":  func(s *working, by domain.ID) domain.Draft { return notifying(by, s.carol) },
		"an announcement": func(_ *working, by domain.ID) domain.Draft { return announcing(by) },
	}
	var cases []workCase
	for name, draft := range kinds {
		cases = append(cases,
			workCase{name + " twice", func(s *working) []place {
				s.forge(s.root, under("mine", draft(s, s.root)))
				s.say(s.team, s.alice, "mine") // under a client_message_id of hers
				return rule(s.forge(s.root, under("mine", draft(s, s.root))))
			}},
			workCase{name + " under two keys, and under none", func(s *working) []place {
				s.forge(s.root, under("mine", draft(s, s.root)))
				s.forge(s.root, under("yours", draft(s, s.root)))
				s.forge(s.root, draft(s, s.root))
				s.forge(s.root, draft(s, s.root))
				return nil
			}},
			workCase{name + " of two people", func(s *working) []place {
				s.forge(s.root, under("mine", draft(s, s.root)))
				other := s.user("Other Root", domain.RoleAdmin)
				s.forge(other, under("mine", draft(s, other)))
				return nil
			}},
		)
	}
	cases = append(cases, workCase{"one key for all kinds", func(s *working) []place {
		for _, draft := range kinds {
			s.forge(s.root, under("mine", draft(s, s.root)))
		}
		s.forceSent(s.alice, newID(), "mine")
		return nil
	}})
	runWorkCases(t, cases)
}

// Nothing of what people wrote about their work can go, or change.
func TestBodiesOfWork(t *testing.T) {
	t.Parallel()
	s := newWorking(t)
	for name, at := range map[string]domain.Position{
		"project": s.at.project, "task": s.at.task, "notification of a project": s.at.project + 1,
		"notification of a task": s.at.task + 1, "notification of a status": s.at.moved + 1, "notification": s.at.told,
		"announcement": s.at.announced,
	} {
		body := s.log.events[at-1].Body
		for change, test := range map[string]struct {
			body string
			want audit.Kind
		}{
			"gone":    {"", audit.KindBody},
			"changed": {strings.Replace(string(body), `{"title":"`, `{"title":"No `, 1), audit.KindContentHash},
			"spaced":  {strings.Replace(string(body), `{"title":`, `{"title": `, 1), audit.KindContentHash},
			"nothing": {`{}`, audit.KindBody},
		} {
			s.log.events[at-1].Body = nil
			if test.body != "" {
				s.log.events[at-1].Body = []byte(test.body)
			}
			t.Logf("%s: %s", name, change)
			checkPlaces(t, auditEvents(t, s.log.events, audit.Options{}), []place{{at, test.want}})
		}
		s.log.events[at-1].Body = body
	}
	s.log.events[s.at.moved-1].Body = []byte(`{"title":"Logo"}`) // where none belongs
	checkPlaces(t, auditEvents(t, s.log.events, audit.Options{}), []place{{s.at.moved, audit.KindBody}})
}

// A finding says what is wrong, and where the first of two is.
func TestWorkFindingsInWords(t *testing.T) {
	t.Parallel()
	s := newWorking(t)
	none := newID()
	s.forge(s.bob, reading(toldRef{none, s.bob}))
	s.forge(s.carol, reading(toldRef{s.told.id, s.carol}))
	first := s.forge(s.bob, reading(s.told))
	s.forge(s.bob, reading(s.told))
	made := s.forge(s.root, under("mine", announcing(s.root)))
	s.forge(s.root, under("mine", announcing(s.root)))
	var got []string
	for _, f := range auditEvents(t, s.log.events, audit.Options{}).Findings {
		got = append(got, f.Detail)
	}
	want := []string{
		fmt.Sprintf("notification %s is read, which was not created before", none),
		fmt.Sprintf("notification %s is read by %s, to whom it was not sent", s.told.id, s.carol),
		fmt.Sprintf("notification %s was read before, at %d", s.told.id, first),
		fmt.Sprintf("its idempotency_key was used by the same user for another such thing at %d", made),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// A notification that cannot be read is told once: those behind it still follow from the act before it.
func TestUnreadableNotification(t *testing.T) {
	t.Parallel()
	s := newWorking(t)
	at := s.at.project + 1 // of three
	s.log.events[at-1].Payload = []byte(`{}`)
	checkPlaces(t, auditEvents(t, s.log.events, audit.Options{}), []place{{at, audit.KindEncoding}, {at, audit.KindLeafHash}})
}
