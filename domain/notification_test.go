package domain_test

import (
	"strings"
	"testing"

	"chainmail/domain"
)

// notify is the wish for the notification of notified, as far as c says nothing else.
func notify(c domain.CreateNotification, by domain.ID) wish {
	c.Actor, c.ID, c.Salt = as(by), note, noteSalt
	if c.Type == "" {
		c.Type = "invoice.paid"
	}
	if c.Title == "" {
		c.Title = "Paid"
	}
	if c.Message == "" {
		c.Message = "Your invoice was paid."
	}
	if c.Link == "" {
		c.Link = "/invoices/7"
	}
	return func(s stage) (domain.Decision, *domain.Refusal) { return s.Notify(c) }
}

func TestNotify(t *testing.T) {
	t.Parallel()
	people := registered(alice, bob, root, clerk)
	type wanted = domain.CreateNotification
	once := keys(domain.RequestKey(domain.TypeNotificationCreated, clerk, "k-1"))
	bare := func(s stage) (domain.Decision, *domain.Refusal) {
		return s.Notify(wanted{Actor: as(root), ID: note, UserID: bob, Type: "x", Title: "T", Message: "a\nb\tc", Salt: noteSalt})
	}
	tell(t, []tale{
		{
			name: "an admin tells a member", given: people,
			when: notify(wanted{UserID: bob}, root), then: notified(bob, root),
			rests: []domain.Expectation{account(root, 1), account(bob, 1)},
		},
		{name: "a service tells an admin", given: people, when: notify(wanted{UserID: root}, clerk), then: notified(root, clerk)},
		{
			name: "oneself", given: people, when: notify(wanted{UserID: root}, root), then: notified(root, root),
			rests: []domain.Expectation{account(root, 1)},
		},
		{name: "a block does not matter", given: given(people, blocked(bob, root)), when: notify(wanted{UserID: bob}, root), then: notified(bob, root)},
		{
			name: "once for an idempotency_key", given: people,
			when: notify(wanted{UserID: bob, IdempotencyKey: "k-1"}, clerk), then: requested(notified(bob, clerk)), keys: once,
		},
		{
			name: "without a link, in several lines", given: people, when: bare,
			then: events(&domain.NotificationCreated{
				NotificationID: note, UserID: bob, NotificationType: "x", CreatedBy: root, Title: "T", Message: "a\nb\tc", Salt: noteSalt,
			}),
		},
		{
			name: "not by a member", given: people,
			when: notify(wanted{UserID: bob}, alice), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not by a member to himself", given: people,
			when: notify(wanted{UserID: alice}, alice), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not by an ended account", given: given(people, deactivated(root)),
			when: notify(wanted{UserID: bob}, root), refused: refusal(domain.Forbidden, ""),
		},
		{name: "not by nobody", given: people, when: notify(wanted{UserID: bob}, nobody), refused: refusal(domain.Forbidden, "")},
		{
			name: "a member does not learn who is there", given: people,
			when: notify(wanted{UserID: nobody}, alice), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not to nobody", given: people,
			when: notify(wanted{UserID: nobody}, root), refused: refusal(domain.ReceiverNotFound, "user_id"),
		},
		{name: "not to no one", given: people, when: notify(wanted{}, root), refused: refusal(domain.ReceiverNotFound, "user_id")},
		{
			name: "not to an ended account", given: given(people, deactivated(bob)),
			when: notify(wanted{UserID: bob}, root), refused: refusal(domain.ReceiverNotFound, "user_id"),
		},
		{
			name: "not a blank title", given: people,
			when: notify(wanted{UserID: bob, Title: " "}, root), refused: refusal(domain.InvalidField, "title"),
		},
		{
			name: "not a title of several lines", given: people,
			when: notify(wanted{UserID: bob, Title: "a\nb"}, root), refused: refusal(domain.InvalidField, "title"),
		},
		{
			name: "not a title that is too long", given: people,
			when:    notify(wanted{UserID: bob, Title: strings.Repeat("x", domain.MaxTitle+1)}, root),
			refused: refusal(domain.TooLarge, "title"),
		},
		{
			name: "not a blank message", given: people,
			when: notify(wanted{UserID: bob, Message: "\n"}, root), refused: refusal(domain.InvalidField, "message"),
		},
		{
			name: "not a message with a control character", given: people,
			when: notify(wanted{UserID: bob, Message: "a\x1bb"}, root), refused: refusal(domain.InvalidField, "message"),
		},
		{
			name: "not a message that is too long", given: people,
			when:    notify(wanted{UserID: bob, Message: strings.Repeat("é", domain.MaxNotice/2) + "x"}, root),
			refused: refusal(domain.TooLarge, "message"),
		},
		{
			name: "not an idempotency_key that is too long", given: people,
			when:    notify(wanted{UserID: bob, IdempotencyKey: strings.Repeat("k", 65)}, root),
			refused: refusal(domain.InvalidField, "idempotency_key"),
		},
	})
}

func TestNotificationType(t *testing.T) {
	t.Parallel()
	const fine = domain.Code("")
	for text, want := range map[string]domain.Code{
		"x": fine, "task_assigned": fine, "Invoice.paid:2024-11": fine, "09azAZ_.:-": fine, strings.Repeat("x", 64): fine,
		strings.Repeat("x", 65): domain.InvalidField, "two words": domain.InvalidField, "näh": domain.InvalidField, "a/b": domain.InvalidField,
		"a@b": domain.InvalidField, "a`b": domain.InvalidField, "a[b": domain.InvalidField, "a{b": domain.InvalidField, "a;b": domain.InvalidField,
		" x": domain.InvalidField, "x\n": domain.InvalidField, "x\x00": domain.InvalidField, "<x>": domain.InvalidField, "\xff": domain.InvalidField,
	} {
		checkNotify(t, "notification_type", text, domain.CreateNotification{Type: text, Title: "T", Message: "M"}, want)
	}
	checkNotify(t, "notification_type", "", domain.CreateNotification{Title: "T", Message: "M"}, domain.InvalidField)
}

// A link leads where it says, and nowhere else.
func TestLinks(t *testing.T) {
	t.Parallel()
	const fine, bad, long = domain.Code(""), domain.InvalidField, domain.TooLarge
	rest := strings.Repeat("x", domain.MaxLink-1)
	for link, want := range map[string]domain.Code{
		"": fine, "/": fine, "/tasks/7": fine, "/tasks/7?tab=files&x=%20#top": fine, "/a//b": fine, "/a/../b": fine,
		"/javascript:alert(1)": fine, "/?next=https://evil.example": fine, "/gr\u00fc\u00dfe/\u5186": fine, "/" + rest: fine,
		"https://pay.example": fine, "http://pay.example:8080/a?b#c": fine, "HTTPS://pay.example/": fine,
		"https://[2001:db8::1]/": fine, "https://b\u00fccher.example/": fine, "https://pay.example/@alice": fine,

		"javascript:alert(1)": bad, "JavaScript:alert(1)": bad, "java\nscript:alert(1)": bad, "data:text/html,<b>": bad,
		"vbscript:x": bad, "file:///etc/passwd": bad, "mailto:a@b.example": bad, "ftp://pay.example/": bad, "blob:https://a.example/1": bad,
		"//evil.example": bad, "///evil.example": bad, `/\evil.example`: bad, `\\evil.example`: bad, `\/evil.example`: bad,
		"/\t/evil.example": bad, "/\n/evil.example": bad, "\t//evil.example": bad, " //evil.example": bad, " /tasks/7": bad,
		`https:\\evil.example`: bad, `https://pay.example\@evil.example`: bad, `/a\b`: bad,
		"https://user:pw@evil.example": bad, "https://pay.example@evil.example": bad, "https://@evil.example": bad, "https://:@evil.example": bad,
		"https:evil.example": bad, "https:/evil.example": bad, "https://": bad, "https://:443/": bad, "http://:": bad, "https:///evil.example": bad, "https:": bad,
		"tasks/7": bad, "./tasks": bad, "?a=b": bad, "#top": bad, "evil.example": bad, "://evil.example": bad,
		"/two words": bad, "/tab\there": bad, "/nul\x00": bad, "/del\x7f": bad, "/c1\u0085": bad, "/half\xc3": bad, " ": bad,
		"/%zz": bad, "https://pay.example/%": bad, "https://pay.example:port/": bad, "https://pay example/": bad, "https://[::1": bad,
		"/x" + rest: long, "https://pay.example/" + rest: long,
	} {
		checkNotify(t, "link", link, domain.CreateNotification{Type: "x", Title: "T", Message: "M", Link: link}, want)
	}
}

// checkNotify lets an admin notify bob, and looks at what is said of one field.
func checkNotify(t *testing.T, field, text string, c domain.CreateNotification, want domain.Code) {
	t.Helper()
	c.Actor, c.ID, c.UserID, c.Salt = as(root), note, bob, noteSalt
	_, refused := historyOf(t, registered(bob, root)).state.Notify(c)
	switch {
	case refused == nil && want == "":
	case refused == nil:
		t.Errorf("%s %.60q: got it accepted, want %s", field, text, want)
	case refused.Code != want || refused.Field != field:
		t.Errorf("%s %.60q: got %v (%s), want %q", field, text, refused, refused.Field, want)
	}
}

func readNotification(notification, of, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.ReadNotification(domain.ReadNotification{Actor: as(by), NotificationID: notification, His: of == by})
	}
}

func TestReadNotification(t *testing.T) {
	t.Parallel()
	there := given(registered(alice, bob, root), notified(bob, root))
	tell(t, []tale{
		{
			name: "one's own, once", given: there, when: readNotification(note, bob, bob), then: noted(note, bob),
			keys: keys(domain.NotificationReadKey(note)), rests: []domain.Expectation{account(bob, 1)},
		},
		{
			name: "another's is not there", given: there,
			when: readNotification(note, bob, alice), refused: refusal(domain.NotFound, "id"),
		},
		{
			name: "not for an admin either, though he wrote it", given: there,
			when: readNotification(note, bob, root), refused: refusal(domain.NotFound, "id"),
		},
		{
			name: "not what is not there", given: there,
			when: readNotification(logo, domain.ID{}, bob), refused: refusal(domain.NotFound, "id"),
		},
		{
			name: "not by an ended account", given: given(there, deactivated(bob)),
			when: readNotification(note, bob, bob), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "not by the system, to whom nothing belongs", given: there,
			when: readNotification(logo, domain.ID{}, domain.ID{}), refused: refusal(domain.Forbidden, ""),
		},
	})
}
