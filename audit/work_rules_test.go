package audit_test

import (
	"slices"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

// working is a scene in which Alice has a project, and Bob a task of it that is under way.
type working struct {
	*scene
	project, task domain.ID
	told          toldRef // what Root told Bob
	at            struct{ project, task, moved, told, announced domain.Position }
}

func newWorking(t *testing.T) *working {
	t.Helper()
	s := &working{scene: newScene(t)}
	s.project, s.at.project = s.history.project(s.alice, "Website")
	s.task, s.at.task = s.history.task(s.alice, s.project, s.bob, "Logo")
	s.at.moved = s.move(s.bob, s.task, domain.TaskInProgress)
	s.told, s.at.told = s.notify(s.root, s.bob, "News")
	s.at.announced = s.announce(s.root, "Welcome")
	s.before = s.state.Position
	return s
}

// forge appends in one commit what no decision leads to, and returns the first event's position.
func (s *working) forge(actor domain.ID, drafts ...domain.Draft) domain.Position {
	s.t.Helper()
	s.forging = true
	return s.append(domain.Decision{Actor: as(actor), Drafts: drafts})[0].Position
}

// notifying tells a user something.
func notifying(by, user domain.ID) domain.Draft {
	id, salt := fresh()
	return domain.Draft{Stream: domain.NotificationStream(user), Data: &domain.NotificationCreated{
		NotificationID: id, UserID: user, NotificationType: "news", CreatedBy: by, Title: "News", Message: "none", Salt: salt,
	}}
}

// ofProject tells a user of a project.
func ofProject(by, user domain.ID) domain.Draft {
	d := notifying(by, user)
	d.Data.(*domain.NotificationCreated).NotificationType = "project_created"
	return d
}

func reading(n toldRef) domain.Draft {
	return domain.Draft{Stream: domain.NotificationStream(n.user), Data: &domain.NotificationRead{NotificationID: n.id, UserID: n.user}}
}

func announcing(by domain.ID) domain.Draft {
	id, salt := fresh()
	return domain.Draft{Stream: domain.AnnouncementStream, Data: &domain.AnnouncementMade{
		AnnouncementID: id, AnnouncedBy: by, Title: "News", Message: "none", Salt: salt,
	}}
}

// moving changes the task of the scene.
func (s *working) moving(by domain.ID, from, to domain.TaskStatus) domain.Draft {
	return domain.Draft{Stream: domain.TaskStream(s.task), Data: &domain.TaskStatusChanged{
		TaskID: s.task, ProjectID: s.project, AuthorID: s.alice, FreelancerID: s.bob,
		PreviousStatus: from, Status: to, ChangedBy: by,
	}}
}

func creating(author domain.ID) domain.Draft {
	id, salt := fresh()
	return domain.Draft{Stream: domain.ProjectStream(id), Data: &domain.ProjectCreated{
		ProjectID: id, AuthorID: author, Title: "Another", Salt: salt,
	}}
}

func (s *working) assigning(by, freelancer domain.ID) domain.Draft {
	id, salt := fresh()
	return domain.Draft{Stream: domain.TaskStream(id), Data: &domain.TaskCreated{
		TaskID: id, ProjectID: s.project, AuthorID: s.alice, FreelancerID: freelancer, CreatedBy: by, Title: "Another", Salt: salt,
	}}
}

// starting has a group begin.
func starting(by, other domain.ID) domain.Draft {
	participants := []domain.ID{by, other}
	slices.SortFunc(participants, domain.ID.Compare)
	id, salt := fresh()
	return domain.Draft{Stream: domain.ConversationStream(id), Data: &domain.ConversationStarted{
		ConversationID: id, StarterID: by, ParticipantIDs: participants, Title: "Another", Salt: salt,
	}}
}

// under is a draft under an idempotency_key.
func under(key string, d domain.Draft) domain.Draft {
	switch d := d.Data.(type) {
	case *domain.ConversationStarted:
		d.IdempotencyKey = &key
	case *domain.ProjectCreated:
		d.IdempotencyKey = &key
	case *domain.TaskCreated:
		d.IdempotencyKey = &key
	case *domain.NotificationCreated:
		d.IdempotencyKey = &key
	case *domain.AnnouncementMade:
		d.IdempotencyKey = &key
	}
	return d
}

type workCase struct {
	name  string
	force func(s *working) []place
}

func runWorkCases(t *testing.T, cases []workCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newWorking(t)
			want := tc.force(s)
			checkPlaces(t, auditEvents(t, s.log.events, audit.Options{}), want)
			checkPlaces(t, auditEvents(t, s.log.events[:s.before], audit.Options{}), nil)
		})
	}
}

// What is read has to have been told before, to the reader, and is read once.
func TestNotificationRules(t *testing.T) {
	t.Parallel()
	runWorkCases(t, []workCase{
		{"as it should be", func(s *working) []place { s.forge(s.bob, reading(s.told)); return nil }},
		{"read twice", func(s *working) []place {
			s.forge(s.bob, reading(s.told))
			return rule(s.forge(s.bob, reading(s.told)))
		}},
		{"read by another", func(s *working) []place {
			s.told.user = s.carol
			return rule(s.forge(s.carol, reading(s.told)))
		}},
		{"read by another, and by whom it is for", func(s *working) []place {
			at := s.forge(s.carol, reading(toldRef{s.told.id, s.carol}))
			s.forge(s.bob, reading(s.told))
			return rule(at)
		}},
		{"read for another", func(s *working) []place { return rule(s.forge(s.carol, reading(s.told))) }},
		{"read, and there is none", func(s *working) []place {
			return rule(s.forge(s.bob, reading(toldRef{newID(), s.bob})))
		}},
		{"read before it is there", func(s *working) []place {
			later := notifying(s.root, s.bob)
			at := s.forge(s.bob, reading(toldRef{later.Data.(*domain.NotificationCreated).NotificationID, s.bob}))
			s.forge(s.root, later)
			return rule(at)
		}},
		{"a message is read as one", func(s *working) []place {
			return rule(s.forge(s.bob, reading(toldRef{s.hello.ID, s.bob})))
		}},
		{"a notification is read as a message", func(s *working) []place {
			return rule(s.forceRead(domain.MessageRef{ID: s.told.id, ConversationID: s.team, SenderID: s.root}, s.bob))
		}},
		{"an announcement is read", func(s *working) []place {
			made := announcing(s.root)
			s.forge(s.root, made)
			return rule(s.forge(s.bob, reading(toldRef{made.Data.(*domain.AnnouncementMade).AnnouncementID, s.bob})))
		}},
		{"the id of another", func(s *working) []place {
			again := notifying(s.root, s.carol)
			again.Data.(*domain.NotificationCreated).NotificationID = s.told.id
			at := s.forge(s.root, again)
			s.forge(s.bob, reading(s.told)) // the first one's
			return rule(at)
		}},
		{"an announcement with the id of another", func(s *working) []place {
			made := announcing(s.root)
			s.forge(s.root, made)
			return rule(s.forge(s.root, made))
		}},
		{"an announcement with the id of a notification", func(s *working) []place { // they are never looked up together
			made := announcing(s.root)
			made.Data.(*domain.AnnouncementMade).AnnouncementID = s.told.id
			s.forge(s.root, made)
			return nil
		}},
		{"in another's stream", func(s *working) []place {
			d := notifying(s.root, s.bob)
			d.Stream = domain.NotificationStream(s.carol)
			return rule(s.forge(s.root, d))
		}},
		{"to nobody", func(s *working) []place { return rule(s.forge(s.root, notifying(s.root, newID()))) }},
		{"by an admin, of nothing", func(s *working) []place { s.forge(s.root, notifying(s.root, s.carol)); return nil }},
		{"by a member, of nothing", func(s *working) []place { return rule(s.forge(s.alice, notifying(s.alice, s.bob))) }},
		{"by a member, of his act", func(s *working) []place {
			s.forge(s.alice, creating(s.alice), ofProject(s.alice, s.bob), ofProject(s.alice, s.carol))
			return nil
		}},
		{"of his act to himself", func(s *working) []place {
			return rule(s.forge(s.alice, creating(s.alice), notifying(s.alice, s.alice)) + 1)
		}},
		{"of a task to somebody else", func(s *working) []place {
			return rule(s.forge(s.alice, s.assigning(s.alice, s.bob), notifying(s.alice, s.carol)) + 1)
		}},
		{"of another's act", func(s *working) []place {
			s.forge(s.alice, creating(s.alice))
			return rule(s.forge(s.bob, notifying(s.bob, s.carol)))
		}},
		{"of an act with something between", func(s *working) []place {
			s.forge(s.alice, creating(s.alice))
			s.seen(s.reply, s.alice)
			return rule(s.forge(s.alice, notifying(s.alice, s.bob)))
		}},
		{"an announcement by a member", func(s *working) []place { return rule(s.forge(s.alice, announcing(s.alice))) }},
		{"an announcement as another's", func(s *working) []place { return rule(s.forge(s.alice, announcing(s.root))) }},
	})
}
