package domain_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"chainmail/domain"
)

// Keys lie in the database for ever: an other key for the same thing would let it happen twice.
func TestKeysStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		key  domain.Key
		want string
	}{
		{"send", domain.SendKey(alice, "c-1"), "4a99c1ff03469995edc79332eae14b51"},
		{"send, any text", domain.SendKey(alice, "é\u2028\x01"), "4a99c1ff03469f4ffc709dbdd6b2f62f"},
		{"delivered", domain.DeliveredKey(hello, bob), "200000000000b04ea11e8c2d30bcedf3"},
		{"read", domain.ReadKey(hello, bob), "200000000000bf12fcaa6483d924d657"},
		{"erase", domain.EraseKey(hello), "200000000000547a0842de132d2b418f"},
		{"release", domain.ReleaseKey(hello), "2000000000002b50a32825b675d47d6e"},
		{"direct", domain.DirectKey(alice, bob), "a1000000000025c79cca676ea946e9de"},
		{"user", domain.UserKey(alice), "a10000000000876c9ad293c4edc9cbe5"},
		{"wallet", domain.WalletKey(wallet), "77616c6c657412584f984b9769cd0d37"},
		{"log", domain.LogKey(), "6c6f67000000836ff184e7b41b1e13cb"},
		{"request of a project", domain.RequestKey(domain.TypeProjectCreated, alice, "k-1"), "a1000000000057570c8dd521e66e9e43"},
		{"request of a task", domain.RequestKey(domain.TypeTaskCreated, alice, "k-1"), "a10000000000fe7ecbc915bc147a7b8f"},
		{"request of a notification", domain.RequestKey(domain.TypeNotificationCreated, alice, "é\u2028\x01"), "a100000000008964a1b908043de02e20"},
		{"request of an announcement", domain.RequestKey(domain.TypeAnnouncementMade, alice, ""), "a100000000002fcafe9b8d6f290832c9"},
		{"notification read", domain.NotificationReadKey(note), "500000000000af93e0aae3cff0e7f28e"},
	} {
		if got := hex.EncodeToString(tc.key[:]); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestKeysDiffer(t *testing.T) {
	t.Parallel()
	seen := make(map[domain.Key]string)
	for name, key := range map[string]domain.Key{
		"send": domain.SendKey(alice, "c"), "another text": domain.SendKey(alice, "d"),
		"no text": domain.SendKey(alice, ""), "another sender": domain.SendKey(bob, "c"),
		"delivered": domain.DeliveredKey(alice, bob), "the other way round": domain.DeliveredKey(bob, alice),
		"read": domain.ReadKey(alice, bob), "direct": domain.DirectKey(alice, bob),
		"direct of others": domain.DirectKey(alice, carol),
		"erase":            domain.EraseKey(alice), "release": domain.ReleaseKey(alice), "user": domain.UserKey(alice),
		"wallet": domain.WalletKey(wallet), "log": domain.LogKey(),
		"text like an id": domain.SendKey(alice, string(bob[:])),
		"request":         domain.RequestKey(domain.TypeTaskCreated, alice, "c"), "another request": domain.RequestKey(domain.TypeTaskCreated, alice, "d"),
		"of another kind": domain.RequestKey(domain.TypeProjectCreated, alice, "c"), "another's": domain.RequestKey(domain.TypeTaskCreated, bob, "c"),
		"notification read": domain.NotificationReadKey(alice), "another one": domain.NotificationReadKey(bob),
	} {
		if other, found := seen[key]; found {
			t.Errorf("%s has the key of %s", name, other)
		}
		seen[key] = name
	}
}

func TestDirectKeyHasNoDirection(t *testing.T) {
	t.Parallel()
	if domain.DirectKey(alice, bob) != domain.DirectKey(bob, alice) {
		t.Error("one conversation has two keys")
	}
}

func TestKeysOfOneThingAreNeighbours(t *testing.T) {
	t.Parallel()
	if a, b := domain.DeliveredKey(hello, alice), domain.ReadKey(hello, bob); [6]byte(a[:6]) != [6]byte(b[:6]) {
		t.Errorf("receipts of one message: %x and %x", a, b)
	}
	if a, b := domain.SendKey(alice, "1"), domain.SendKey(alice, "2"); [6]byte(a[:6]) != [6]byte(b[:6]) {
		t.Errorf("messages of one sender: %x and %x", a, b)
	}
}

// Data may come from a file that nobody has checked: a direct conversation of any number of people is read.
func TestKeysOfADirectConversation(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		participants []domain.ID
		want         []domain.Key
	}{
		{"of two", []domain.ID{alice, bob}, []domain.Key{domain.DirectKey(alice, bob)}},
		{"of one", []domain.ID{alice}, nil},
		{"of three", []domain.ID{alice, bob, carol}, nil},
		{"of nobody", nil, nil},
	} {
		taken, claimed := domain.KeysOf(&domain.ConversationStarted{Direct: true, ParticipantIDs: tc.participants})
		if !slices.Equal(taken, tc.want) || len(claimed) > 0 {
			t.Errorf("%s: got %x and %x, want %x", tc.name, taken, claimed, tc.want)
		}
	}
}

// What the guard leads to takes the keys that its decision takes.
func TestKeysOfWhatWasJudged(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		data           domain.Data
		taken, claimed []domain.Key
	}{
		{"a blocked message", named(keptBack(team, alice))[0], keys(domain.SendKey(alice, "c-1")), nil},
		{"a blocked message without a client_message_id", keptBackTo(bob, alice)[0], nil, nil},
		{"a release", releasedAt(7, team), keys(domain.ReleaseKey(hello)), nil},
		{"the message that it sends", sentLater(team, nil), nil, nil},
		{"a verdict", why(alice, 0.5, nil)[0], nil, nil},
		{"a policy", policy(strict), nil, nil},
		{"the erasure of a blocked message", erasedKeptBack(alice, 7, domain.ReasonSender)[0],
			keys(domain.EraseKey(hello)), keys(domain.ReleaseKey(hello))},
		{"that of a message that was sent", erased(alice, 7, domain.ReasonSender)[0], keys(domain.EraseKey(hello)), nil},
	} {
		taken, claimed := domain.KeysOf(tc.data)
		if !slices.Equal(taken, tc.taken) || !slices.Equal(claimed, tc.claimed) {
			t.Errorf("%s: got %x and %x, want %x and %x", tc.name, taken, claimed, tc.taken, tc.claimed)
		}
	}
}

// What is made of a request, and what is read of it, take the keys that their decisions take.
func TestKeysOfWork(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		data domain.Data
		want []domain.Key
	}{
		{"a group", requested(group(team, alice, bob, carol))[0], keys(domain.RequestKey(domain.TypeConversationStarted, alice, "k-1"))},
		{"a direct conversation", requested(direct(private, alice, bob))[0],
			keys(domain.DirectKey(alice, bob), domain.RequestKey(domain.TypeConversationStarted, alice, "k-1"))},
		{"a project", requested(projects(alice))[0], keys(domain.RequestKey(domain.TypeProjectCreated, alice, "k-1"))},
		{"a project without an idempotency_key", projects(alice)[0], nil},
		{"a task, of who made it", requested(assigned(bob, root))[0], keys(domain.RequestKey(domain.TypeTaskCreated, root, "k-1"))},
		{"a task without an idempotency_key", assigned(bob, root)[0], nil},
		{"a status", moved(domain.TaskOpen, domain.TaskDone, bob)[0], nil},
		{"a notification, of who wrote it", requested(notified(bob, root))[0], keys(domain.RequestKey(domain.TypeNotificationCreated, root, "k-1"))},
		{"a notification that follows from an act", toldOfTask(bob, alice)[0], nil},
		{"a reading", noted(note, bob)[0], keys(domain.NotificationReadKey(note))},
		{"an announcement", requested(announced(root))[0], keys(domain.RequestKey(domain.TypeAnnouncementMade, root, "k-1"))},
		{"an announcement without an idempotency_key", announced(root)[0], nil},
	} {
		taken, claimed := domain.KeysOf(tc.data)
		if !slices.Equal(taken, tc.want) || len(claimed) > 0 {
			t.Errorf("%s: got %x and %x, want %x", tc.name, taken, claimed, tc.want)
		}
	}
}
