package domain_test

import (
	"slices"

	"chainmail/domain"
)

// The cast. Alice starts things; Dave is everybody's stranger; Root is an admin.
var (
	alice, bob, carol, dave, root = id(0xa1), id(0xb0), id(0xca), id(0xda), id(0xff)
	nobody                        = id(0x99) // has no account

	team, private, fresh = id(0x10), id(0x11), id(0x12) // conversations
	hello, reply         = id(0x20), id(0x21)           // messages

	salt = domain.Salt{1, 2, 3}
)

func id(n byte) domain.ID { return domain.ID{0: n, 6: 0x70, 8: 0x80, 15: n} }

func as(user domain.ID) domain.Actor {
	return domain.Actor{ID: user, SessionID: id(0x01), Auth: domain.AuthWallet}
}

// given puts parts of a history one after the other.
func given(parts ...[]domain.Data) []domain.Data { return slices.Concat(parts...) }

func events(d ...domain.Data) []domain.Data { return d }

func keys(k ...domain.Key) []domain.Key { return k }

func refusal(code domain.Code, field string) *domain.Refusal {
	return &domain.Refusal{Code: code, Field: field}
}

func registered(users ...domain.ID) []domain.Data {
	var all []domain.Data
	for _, u := range users {
		role := domain.RoleMember
		switch u {
		case root:
			role = domain.RoleAdmin
		case clerk:
			role = domain.RoleService
		}
		all = append(all, &domain.UserRegistered{UserID: u, Role: role, Name: "Somebody", Salt: salt})
	}
	return all
}

func deactivated(user domain.ID) []domain.Data {
	return events(&domain.UserDeactivated{UserID: user})
}

func blocked(user, other domain.ID) []domain.Data {
	return events(&domain.UserBlocked{UserID: user, BlockedID: other})
}

func unblocked(user, other domain.ID) []domain.Data {
	return events(&domain.UserUnblocked{UserID: user, BlockedID: other})
}

// group is a conversation that its first participant started.
func group(conversation domain.ID, participants ...domain.ID) []domain.Data {
	return started(conversation, "", participants...)
}

func started(conversation domain.ID, title string, participants ...domain.ID) []domain.Data {
	d := &domain.ConversationStarted{
		ConversationID: conversation, StarterID: participants[0], ParticipantIDs: inOrder(participants...), Title: title,
	}
	if title != "" {
		d.Salt = salt
	}
	return events(d)
}

func direct(conversation, starter, other domain.ID) []domain.Data {
	return events(&domain.ConversationStarted{
		ConversationID: conversation, StarterID: starter, Direct: true, ParticipantIDs: inOrder(starter, other),
	})
}

func added(conversation, user, by domain.ID) []domain.Data {
	return events(&domain.ParticipantAdded{ConversationID: conversation, UserID: user, AddedBy: by})
}

func removed(conversation, user, by domain.ID) []domain.Data {
	return events(&domain.ParticipantLeft{ConversationID: conversation, UserID: user, RemovedBy: by})
}

func left(conversation, user domain.ID) []domain.Data { return removed(conversation, user, user) }

// said is a message to all of a group.
func said(message, conversation, by domain.ID) []domain.Data {
	return events(messageSent(message, conversation, by))
}

// saidTo is a message in a direct conversation.
func saidTo(receiver, message, conversation, by domain.ID) []domain.Data {
	m := messageSent(message, conversation, by)
	m.ReceiverID = &receiver
	return events(m)
}

func messageSent(message, conversation, by domain.ID) *domain.MessageSent {
	return &domain.MessageSent{
		MessageID: message, ConversationID: conversation, SenderID: by,
		Content: "hello", Salt: salt, ContentHash: domain.ContentHash(salt, "hello"),
	}
}

func account(user domain.ID, version domain.Version) domain.Expectation {
	return domain.Expectation{Stream: domain.UserStream(user), Version: version}
}

func members(conversation domain.ID, version domain.Version) domain.Expectation {
	return domain.Expectation{Stream: domain.ConversationStream(conversation), Version: version}
}

func blocks(user domain.ID, version domain.Version) domain.Expectation {
	return domain.Expectation{Stream: domain.GuardStream(user), Version: version}
}

func inOrder(ids ...domain.ID) []domain.ID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b domain.ID) int { return slices.Compare(a[:], b[:]) })
	return ids
}
