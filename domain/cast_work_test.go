package domain_test

import "chainmail/domain"

var (
	clerk         = id(0x5c)           // a service; in order of ids it comes before everybody else
	website, shop = id(0x30), id(0x31) // projects
	logo, imprint = id(0x40), id(0x41) // tasks
	note          = id(0x50)           // a notification or an announcement that somebody writes

	noteSalt    = domain.Salt{4, 5, 6}
	requestKey  = "k-1"
	projectLink = "/projects/" + website.String()
	taskLink    = "/tasks/" + logo.String()
)

// numbered makes the ids and salts of what follows from a command, the same ones for every command.
func numbered() domain.Fresh {
	n := byte(0)
	return func() (domain.ID, domain.Salt) {
		n++
		return noticeID(n), domain.Salt{n}
	}
}

func noticeID(n byte) domain.ID { return id(0x60 + n) }

// projects is the project website, and others of the same author.
func projects(author domain.ID, more ...domain.ID) []domain.Data {
	return projectsOf(author, append([]domain.ID{website}, more...)...)
}

func projectsOf(author domain.ID, ids ...domain.ID) []domain.Data {
	var all []domain.Data
	for _, project := range ids {
		all = append(all, &domain.ProjectCreated{ProjectID: project, AuthorID: author, Title: "Website", Salt: salt})
	}
	return all
}

// assigned is the task logo of the project website of alice.
func assigned(freelancer, by domain.ID) []domain.Data {
	return events(&domain.TaskCreated{
		TaskID: logo, ProjectID: website, AuthorID: alice, FreelancerID: freelancer, CreatedBy: by, Title: "Logo", Salt: salt,
	})
}

// moved is a change of how logo stands, which bob works on.
func moved(from, to domain.TaskStatus, by domain.ID) []domain.Data {
	return movedFor(bob, from, to, by)
}

func movedFor(freelancer domain.ID, from, to domain.TaskStatus, by domain.ID) []domain.Data {
	return events(&domain.TaskStatusChanged{
		TaskID: logo, ProjectID: website, AuthorID: alice, FreelancerID: freelancer,
		PreviousStatus: from, Status: to, ChangedBy: by,
	})
}

// told is the n-th notification that follows from an act, without words.
func told(n byte, user, by domain.ID, kind string) *domain.NotificationCreated {
	return &domain.NotificationCreated{
		NotificationID: noticeID(n), UserID: user, NotificationType: kind, CreatedBy: by, Salt: domain.Salt{n},
	}
}

// toldOfProject tells several people of the project website, in this order.
func toldOfProject(by domain.ID, users ...domain.ID) []domain.Data {
	var all []domain.Data
	for i, user := range users {
		n := told(byte(i+1), user, by, "project_created")
		n.Title, n.Message, n.Link = "New project", "Website", projectLink
		all = append(all, n)
	}
	return all
}

// toldOfTask tells the freelancer of the task logo.
func toldOfTask(freelancer, by domain.ID) []domain.Data {
	n := told(1, freelancer, by, "task_assigned")
	n.Title, n.Message, n.Link = "New task", "Logo", taskLink
	return events(n)
}

// toldOfStatus tells several people, in this order, how logo stands.
func toldOfStatus(title string, by domain.ID, users ...domain.ID) []domain.Data {
	var all []domain.Data
	for i, user := range users {
		n := told(byte(i+1), user, by, "task_status_changed")
		n.Title, n.Message, n.Link = title, "Logo", taskLink
		all = append(all, n)
	}
	return all
}

// notified is a notification that somebody wrote.
func notified(user, by domain.ID) []domain.Data {
	return events(&domain.NotificationCreated{
		NotificationID: note, UserID: user, NotificationType: "invoice.paid", CreatedBy: by,
		Title: "Paid", Message: "Your invoice was paid.", Link: "/invoices/7", Salt: noteSalt,
	})
}

func noted(notification, user domain.ID) []domain.Data {
	return events(&domain.NotificationRead{NotificationID: notification, UserID: user})
}

func announced(by domain.ID) []domain.Data {
	return events(&domain.AnnouncementMade{
		AnnouncementID: note, AnnouncedBy: by, Title: "Pause", Message: "We are away at six.\nBack at seven.", Salt: noteSalt,
	})
}

// requested is data with the idempotency_key k-1.
func requested(all []domain.Data) []domain.Data {
	switch d := all[0].(type) {
	case *domain.ConversationStarted:
		d.IdempotencyKey = &requestKey
	case *domain.ProjectCreated:
		d.IdempotencyKey = &requestKey
	case *domain.TaskCreated:
		d.IdempotencyKey = &requestKey
	case *domain.NotificationCreated:
		d.IdempotencyKey = &requestKey
	case *domain.AnnouncementMade:
		d.IdempotencyKey = &requestKey
	}
	return all
}

func standing(task domain.ID, version domain.Version) domain.Expectation {
	return domain.Expectation{Stream: domain.TaskStream(task), Version: version}
}
