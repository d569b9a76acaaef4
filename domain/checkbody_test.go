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
		{"a title", titled, replace("Plans", "plans"), domain.ErrContentHash},
		{"no title's body", titled, func([]byte) []byte { return nil }, domain.ErrBody},
		{"a title that was none", group(team, alice, bob, carol)[0],
			func([]byte) []byte { return []byte(`{"title":"Plans","salt":"01020300000000000000000000000000"}`) }, domain.ErrBody},
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
	if err := checker.Check(deactivated(alice)[0], []byte(`{}`)); !errors.Is(err, domain.ErrBody) {
		t.Errorf("a body where none belongs: got %v", err)
	}
	erased := message("hello")
	erased.Erased = true
	if err := checker.Check(erased, nil); err != nil {
		t.Errorf("an erased body: %v", err)
	}
}
