package domain_test

import (
	"strings"
	"testing"

	"chainmail/domain"
)

func announce(title, message, key string, by domain.ID) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) {
		return s.Announce(domain.MakeAnnouncement{
			Actor: as(by), ID: note, Title: title, Message: message, Salt: noteSalt, IdempotencyKey: key,
		})
	}
}

func TestAnnounce(t *testing.T) {
	t.Parallel()
	people := registered(alice, bob, root, clerk)
	const title, message = "Pause", "We are away at six.\nBack at seven."
	full := &domain.AnnouncementMade{
		AnnouncementID: note, AnnouncedBy: root, Salt: noteSalt,
		Title: strings.Repeat("x", domain.MaxTitle), Message: strings.Repeat("é", domain.MaxNotice/2),
	}
	tell(t, []tale{
		{
			name: "an admin", given: people, when: announce(title, message, "", root), then: announced(root),
			rests: []domain.Expectation{account(root, 1)},
		},
		{name: "a service", given: people, when: announce(title, message, "", clerk), then: announced(clerk)},
		{name: "as much as there may be", given: people, when: announce(full.Title, full.Message, "", root), then: events(full)},
		{
			name: "once for an idempotency_key", given: people,
			when: announce(title, message, "k-1", clerk), then: requested(announced(clerk)),
			keys: keys(domain.RequestKey(domain.TypeAnnouncementMade, clerk, "k-1")),
		},
		{name: "not a member", given: people, when: announce(title, message, "k-1", alice), refused: refusal(domain.Forbidden, "")},
		{
			name: "not an ended account", given: given(people, deactivated(root)),
			when: announce(title, message, "", root), refused: refusal(domain.Forbidden, ""),
		},
		{name: "not nobody", given: people, when: announce(title, message, "", nobody), refused: refusal(domain.Forbidden, "")},
		{name: "not the system", given: people, when: announce(title, message, "", domain.ID{}), refused: refusal(domain.Forbidden, "")},
		{name: "not without a title", given: people, when: announce("", message, "", root), refused: refusal(domain.InvalidField, "title")},
		{
			name: "not with a title of several lines", given: people,
			when: announce("a\rb", message, "", root), refused: refusal(domain.InvalidField, "title"),
		},
		{
			name: "not with a title that is too long", given: people,
			when: announce(full.Title+"x", message, "", root), refused: refusal(domain.TooLarge, "title"),
		},
		{name: "not without a message", given: people, when: announce(title, "", "", root), refused: refusal(domain.InvalidField, "message")},
		{
			name: "not with a message that is no UTF-8", given: people,
			when: announce(title, "a\xff", "", root), refused: refusal(domain.InvalidField, "message"),
		},
		{
			name: "not with a message that is too long", given: people,
			when: announce(title, full.Message+"x", "", root), refused: refusal(domain.TooLarge, "message"),
		},
		{
			name: "not with an idempotency_key with U+0000", given: people,
			when: announce(title, message, "\x00", root), refused: refusal(domain.InvalidField, "idempotency_key"),
		},
	})
}
