package domain_test

import "chainmail/domain"

// workSamples are the samples of projects, tasks and what people are told.
func workSamples() map[string]domain.Data {
	request := "k-1 \x01\b\f/é\u2028"
	project := &domain.ProjectCreated{ProjectID: website, AuthorID: alice, IdempotencyKey: &request, Title: awkward, Salt: salt}
	task := &domain.TaskCreated{
		TaskID: logo, ProjectID: website, AuthorID: alice, FreelancerID: bob, CreatedBy: root,
		IdempotencyKey: &request, Title: awkward, Salt: salt,
	}
	notice := &domain.NotificationCreated{
		NotificationID: note, UserID: bob, NotificationType: "Invoice.paid:2024-11_a", CreatedBy: clerk, IdempotencyKey: &request,
		Title: awkward, Message: awkward, Link: "https://pay.example:8443/invoices/7?a=1&b=<2>#\u00fc", Salt: salt,
	}
	linkless := *notice
	linkless.NotificationType, linkless.IdempotencyKey, linkless.Link = "x", nil, ""
	announcement := &domain.AnnouncementMade{
		AnnouncementID: note, AnnouncedBy: clerk, IdempotencyKey: &request, Title: awkward, Message: awkward, Salt: salt,
	}
	return map[string]domain.Data{
		"ProjectCreated.v1":              project,
		"ProjectCreated.v1.no-key":       projects(alice)[0],
		"TaskCreated.v1":                 task,
		"TaskCreated.v1.no-key":          assigned(bob, alice)[0],
		"TaskStatusChanged.v1":           moved(domain.TaskInProgress, domain.TaskInReview, bob)[0],
		"TaskStatusChanged.v1.cancelled": moved(domain.TaskOpen, domain.TaskCancelled, root)[0],
		"NotificationCreated.v1":         notice,
		"NotificationCreated.v1.no-link": &linkless,
		"NotificationCreated.v1.project": toldOfProject(alice, bob)[0],
		"NotificationCreated.v1.task":    toldOfTask(bob, alice)[0],
		"NotificationCreated.v1.status":  toldOfStatus("Task in review", bob, alice)[0],
		"NotificationRead.v1":            noted(note, bob)[0],
		"AnnouncementMade.v1":            announcement,
		"AnnouncementMade.v1.no-key":     announced(root)[0],
	}
}
