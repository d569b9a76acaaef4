package domain_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// What Encode made is as it was written, whatever was said.
func TestBodiesAsEncoded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.String().Draw(t, "content")
		var checker domain.BodyChecker
		for _, d := range []domain.Data{
			&domain.MessageSent{
				MessageID: hello, ConversationID: team, SenderID: alice, Content: content, Salt: salt,
				ContentHash: domain.ContentHash(salt, content),
			},
			&domain.UserRegistered{UserID: alice, Role: domain.RoleMember, Name: "n" + content, Salt: salt},
			&domain.ConversationStarted{ConversationID: team, StarterID: alice, ParticipantIDs: inOrder(alice, bob), Title: content, Salt: salt},
			&domain.UserDeactivated{UserID: alice},
			&domain.MessageBlocked{
				MessageID: hello, ReceiverID: &bob, SenderID: alice, PolicyHash: hashOf(strict), Content: content, Salt: salt,
				ContentHash: domain.ContentHash(salt, content),
			},
			policy("# " + content),
			releasedAt(1, team),
			why(alice, 0.5, nil)[0],
			&domain.ProjectCreated{ProjectID: website, AuthorID: alice, Title: "n" + content, Salt: salt},
			&domain.TaskCreated{
				TaskID: logo, ProjectID: website, AuthorID: alice, FreelancerID: bob, CreatedBy: alice, Title: "n" + content, Salt: salt,
			},
			moved(domain.TaskOpen, domain.TaskDone, bob)[0],
			&domain.NotificationCreated{
				NotificationID: note, UserID: bob, NotificationType: "x", CreatedBy: root, Title: "n" + content, Message: content,
				Link: content, Salt: salt,
			},
			noted(note, bob)[0],
			&domain.AnnouncementMade{AnnouncementID: note, AnnouncedBy: root, Title: "n" + content, Message: content, Salt: salt},
		} {
			e := lawfulEvent(t, d, 1)
			back, err := domain.Decode(e)
			if err != nil {
				t.Fatal(err)
			}
			if err := checker.Check(back, e.Body); err != nil {
				t.Fatalf("%s %q: %v", e.Type, e.Body, err)
			}
		}
	})
}

// Any change to a body is found: of what it says, or of how it is written.
func TestBodiesChanged(t *testing.T) {
	t.Parallel()
	message := func(content string) *domain.MessageSent {
		m := messageSent(hello, team, alice)
		m.Content, m.ContentHash = content, domain.ContentHash(salt, content)
		return m
	}
	replace := func(old, new string) func([]byte) []byte {
		return func(body []byte) []byte { return bytes.Replace(body, []byte(old), []byte(new), 1) }
	}
	titled := started(team, "Plans", alice, bob)[0]
	for _, tc := range []struct {
		name   string
		data   domain.Data
		change func(body []byte) []byte
		want   error
	}{
		{"a letter of a message", message("hello"), replace("hello", "hallo"), domain.ErrContentHash},
		{"a salt", message("hello"), replace("010203", "010204"), domain.ErrContentHash},
		{"a salt in upper case", func() domain.Data {
			m := message("hello")
			m.Salt[0] = 0xab
			m.ContentHash = domain.ContentHash(m.Salt, m.Content)
			return m
		}(), replace("ab", "aB"), domain.ErrBody},
		{"white space", message("hello"), replace(`,"salt"`, `, "salt"`), domain.ErrBody},
		{"a needless escape", message("hello"), replace("hello", `h\u0065llo`), domain.ErrBody},
		{"a field twice", message("hello"), replace(`{`, `{"content":"x",`), domain.ErrBody},
		{"a field more", message("hello"), replace(`{`, `{"note":"x",`), domain.ErrBody},
		{"a name", registered(alice)[0], replace("Somebody", "somebody"), domain.ErrContentHash},
		{"white space in an account", registered(alice)[0], replace(`,"salt"`, `, "salt"`), domain.ErrContentHash},
		{"no account's body", registered(alice)[0], func([]byte) []byte { return nil }, domain.ErrBody},
		{"a letter of a blocked message", keptBack(team, alice)[0], replace("hello", "hallo"), domain.ErrContentHash},
		{"the salt of a blocked message", keptBack(team, alice)[0], replace("010203", "010204"), domain.ErrContentHash},
		{"white space in a blocked message", keptBack(team, alice)[0], replace(`,"salt"`, `, "salt"`), domain.ErrBody},
		{"a policy", policy(strict), replace("0.8", "0.9"), domain.ErrContentHash},
		{"white space in a policy", policy(strict), replace(`,"salt"`, `, "salt"`), domain.ErrContentHash},
		{"no policy's body", policy(strict), func([]byte) []byte { return nil }, domain.ErrBody},
		{"a title", titled, replace("Plans", "plans"), domain.ErrContentHash},
		{"no title's body", titled, func([]byte) []byte { return nil }, domain.ErrBody},
		{"a title that was none", group(team, alice, bob, carol)[0],
			func([]byte) []byte { return []byte(`{"title":"Plans","salt":"01020300000000000000000000000000"}`) }, domain.ErrBody},
		{"a project's title", projects(alice)[0], replace("Website", "Wobsite"), domain.ErrContentHash},
		{"no project's body", projects(alice)[0], func([]byte) []byte { return nil }, domain.ErrBody},
		{"a task's title", assigned(bob, alice)[0], replace("Logo", "logo"), domain.ErrContentHash},
		{"no task's body", assigned(bob, alice)[0], func([]byte) []byte { return nil }, domain.ErrBody},
		{"a notification's title", notified(bob, root)[0], replace("Paid", "paid"), domain.ErrContentHash},
		{"a notification's words", notified(bob, root)[0], replace("was paid", "was lost"), domain.ErrContentHash},
		{"a notification's link", notified(bob, root)[0], replace("/invoices/7", "/invoices/8"), domain.ErrContentHash},
		{"a notification's link is gone", notified(bob, root)[0], replace(`"/invoices/7"`, "null"), domain.ErrContentHash},
		{"a notification's salt", notified(bob, root)[0], replace("040506", "040507"), domain.ErrContentHash},
		{"white space in a notification", notified(bob, root)[0], replace(`,"salt"`, `, "salt"`), domain.ErrContentHash},
		{"no notification's body", toldOfTask(bob, alice)[0], func([]byte) []byte { return nil }, domain.ErrBody},
		{"an announcement's words", announced(root)[0], replace("seven", "eight"), domain.ErrContentHash},
		{"no announcement's body", announced(root)[0], func([]byte) []byte { return nil }, domain.ErrBody},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := lawfulEvent(t, tc.data, 1)
			before := bytes.Clone(e.Body)
			if e.Body = tc.change(e.Body); bytes.Equal(e.Body, before) && before != nil {
				t.Fatal("nothing was changed")
			}
			d, err := domain.Decode(e)
			if err != nil {
				t.Fatal(err)
			}
			var checker domain.BodyChecker
			if err := checker.Check(d, e.Body); !errors.Is(err, tc.want) {
				t.Errorf("%s: got %v, want %v", e.Body, err, tc.want)
			}
		})
	}
	var checker domain.BodyChecker
	for _, d := range []domain.Data{
		deactivated(alice)[0], why(alice, 0.5, nil)[0], releasedAt(1, team), route(domain.TaskCancelled)[0], noted(note, bob)[0],
	} {
		if err := checker.Check(d, []byte(`{}`)); !errors.Is(err, domain.ErrBody) {
			t.Errorf("a body where none belongs, of a %s: got %v", d.Type(), err)
		}
	}
	for _, d := range []domain.Data{
		&domain.UserRegistered{}, &domain.GuardPolicyInstalled{}, &domain.ProjectCreated{}, &domain.TaskCreated{},
		&domain.NotificationCreated{}, &domain.AnnouncementMade{},
	} {
		if err := checker.Check(d, nil); !errors.Is(err, domain.ErrBody) {
			t.Errorf("no body, though every %s has one: got %v", d.Type(), err)
		}
	}
	other := policy(strict)
	other.PolicyHash = hashOf("another")
	if err := checker.Check(other, lawfulEvent(t, other, 1).Body); !errors.Is(err, domain.ErrContentHash) {
		t.Errorf("a policy that is not the one it is named by: got %v", err)
	}
	erased, kept := message("hello"), keptBack(team, alice)[0].(*domain.MessageBlocked)
	erased.Erased, kept.Erased = true, true
	for _, d := range []domain.Data{erased, kept} {
		if err := checker.Check(d, nil); err != nil {
			t.Errorf("an erased body of a %s: %v", d.Type(), err)
		}
	}
}
