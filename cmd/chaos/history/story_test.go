package history_test

import (
	"time"

	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

// story is a small history in which everything is as it should be. Alice writes to Bob, twice on one connection; they have a
// group, which Carol joins and leaves; Alice's connection breaks and she sends her last message again; her second one is erased.
type story struct {
	events                         []domain.Event
	alice, bob, other, late, carol *history.Device // other and late are Bob's too
	history                        *history.History
}

// named makes an id that tells its name.
func named(kind, n byte) (id domain.ID) {
	copy(id[:], []byte{1, 2, 3, 4, 5, 6, 0x70, kind, 0x80, 0, 0, 0, 0, 0, 0, n})
	return id
}

var (
	alice, bob, carol = named('u', 1), named('u', 2), named('u', 3)
	direct, everybody = named('c', 1), named('c', 2)
	m1, m2, m3, m4    = named('m', 1), named('m', 2), named('m', 3), named('m', 4)
	logID             = named('l', 1)
	epoch             = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

func newStory() *story {
	s := new(story)
	s.add("log", &domain.LogCreated{LogID: logID})
	for _, user := range []domain.ID{alice, bob, carol} {
		s.add(domain.UserStream(user), &domain.UserRegistered{UserID: user})
	}
	d, g := domain.ConversationStream(direct), domain.ConversationStream(everybody)
	s.add(d, &domain.ConversationStarted{ConversationID: direct, StarterID: alice, Direct: true, ParticipantIDs: []domain.ID{alice, bob}}) // 5
	s.add(d, message(m1, direct, alice, "a-1"))
	s.add(d, message(m2, direct, alice, "a-2"))
	s.add(domain.ReceiptStream(direct), &domain.MessageDelivered{MessageID: m1, ConversationID: direct, SenderID: alice, UserID: bob})
	s.add(domain.ReceiptStream(direct), &domain.MessageRead{MessageID: m1, ConversationID: direct, SenderID: alice, UserID: bob})
	s.add(g, &domain.ConversationStarted{ConversationID: everybody, StarterID: alice, ParticipantIDs: []domain.ID{alice, bob}}) // 10
	s.add(g, &domain.ParticipantAdded{ConversationID: everybody, UserID: carol, AddedBy: alice})
	s.add(g, message(m3, everybody, bob, "b-1"))
	s.add(domain.ReceiptStream(everybody), &domain.MessageRead{MessageID: m3, ConversationID: everybody, SenderID: bob, UserID: alice})
	s.add(g, &domain.ParticipantLeft{ConversationID: everybody, UserID: carol, RemovedBy: carol})
	s.add(g, message(m4, everybody, alice, "a-3")) // 15
	s.add(d, &domain.ContentErased{MessageID: m2, ConversationID: &direct, ErasedPosition: 7, ErasedBy: alice})
	s.tellAlice()
	s.tellBob()
	s.carol = &history.Device{Name: "carol", User: carol}
	told(s.carol.Open("s", 0, 0), change(11, carol, everybody, 2, "participant_added"), chat(12, m3, everybody, 3, bob),
		change(14, carol, everybody, 4, "participant_left"), synced(16))
	s.history = &history.History{
		Devices: []*history.Device{s.alice, s.bob, s.other, s.late, s.carol}, Settled: 100 * time.Nanosecond,
		Gathering: &history.Gathering{At: 250, Here: map[domain.ID]bool{alice: true, bob: true, carol: false}},
	}
	return s
}

// tellAlice is what Alice did and saw.
func (s *story) tellAlice() {
	s.alice = &history.Device{Name: "alice", User: alice}
	first := s.alice.Open("s", -1, 0)
	told(first, synced(4), sent("a-1", direct), sent("a-2", direct), change(5, alice, direct, 1, "started"),
		answer(6, m1, direct, 2, "a-1"), answer(7, m2, direct, 3, "a-2"), status(8, m1, direct, bob, "delivered"),
		status(9, m1, direct, bob, "read"), change(10, alice, everybody, 1, "started"), change(11, carol, everybody, 2, "participant_added"))
	first.CloseCode, first.Closed = 1006, 45
	second := s.alice.Open("s", 11, 50)
	told(second, synced(11), online(bob, true), chat(12, m3, everybody, 3, bob),
		history.Entry{Kind: history.Read, At: 200, Messages: []domain.ID{m3}},
		change(14, carol, everybody, 4, "participant_left"), sent("a-3", everybody),
		history.Entry{Kind: history.Received, Type: "error", Code: "unavailable", ClientID: "a-3"}, sent("a-3", everybody),
		answer(15, m4, everybody, 5, "a-3"), erased(16, m2, direct, 4),
		history.Entry{Kind: history.Received, Type: "heartbeat", Position: 16})
}

// tellBob is what Bob's three devices did and saw: the first acknowledges, the second looks on, the third comes late and without since.
func (s *story) tellBob() {
	s.bob, s.other = &history.Device{Name: "bob", User: bob}, &history.Device{Name: "other", User: bob}
	first := s.bob.Open("s", 0, 0)
	told(first, synced(4), change(5, alice, direct, 1, "started"), chat(6, m1, direct, 2, alice), chat(7, m2, direct, 3, alice),
		history.Entry{Kind: history.Delivered, At: 20, Messages: []domain.ID{m1}},
		history.Entry{Kind: history.Read, At: 21, Messages: []domain.ID{m1}},
		change(10, alice, everybody, 1, "started"), change(11, carol, everybody, 2, "participant_added"), sent("b-1", everybody),
		answer(12, m3, everybody, 3, "b-1"), status(13, m3, everybody, alice, "read"), change(14, carol, everybody, 4, "participant_left"),
		chat(15, m4, everybody, 5, alice), erased(16, m2, direct, 4))
	first.Closed = 55
	told(s.bob.Open("s", 14, 60), online(alice, true), typing(alice, true), typing(alice, false), chat(15, m4, everybody, 5, alice), erased(16, m2, direct, 4), synced(16))

	own := chat(12, m3, everybody, 3, bob)
	own.ClientID = "b-1"
	everything := []history.Entry{
		change(5, alice, direct, 1, "started"), chat(6, m1, direct, 2, alice), chat(7, m2, direct, 3, alice), status(9, m1, direct, bob, "read"),
		change(10, alice, everybody, 1, "started"), change(11, carol, everybody, 2, "participant_added"), own,
		status(13, m3, everybody, alice, "read"), change(14, carol, everybody, 4, "participant_left"),
		chat(15, m4, everybody, 5, alice), erased(16, m2, direct, 4),
	}
	connection := s.other.Open("s", 0, 0)
	told(connection, synced(0), online(carol, true), online(carol, false), online(alice, true))
	told(connection, everything...)
	told(connection, history.Entry{Kind: history.Synced, Position: 9, Ref: `"sync"`})
	told(connection, everything[4:]...)
	again := synced(16)
	again.Ref = `"sync"`
	told(connection, again)

	s.late = &history.Device{Name: "late", User: bob}
	gone := chat(7, m2, direct, 3, alice)
	gone.Words = history.NoWords
	told(s.late.Open("s", -1, 2*time.Minute), gone, chat(15, m4, everybody, 5, alice), synced(16))
}

func (s *story) add(stream domain.StreamID, data domain.Data) {
	e := domain.Event{Position: domain.Position(len(s.events) + 1), Stream: stream, Version: 1, Type: data.Type(), RecordedAt: epoch}
	for _, before := range s.events {
		if before.Stream == stream {
			e.Version++
		}
	}
	s.events = append(s.events, e.WithData(data))
}

func message(id, conversation, sender domain.ID, clientID string) *domain.MessageSent {
	return &domain.MessageSent{MessageID: id, ConversationID: conversation, SenderID: sender, ClientMessageID: &clientID, ContentHash: "h" + clientID}
}

// told adds entries, at the time at which the connection was opened unless they have their own.
func told(c *history.Connection, entries ...history.Entry) {
	for _, e := range entries {
		if e.At == 0 {
			e.At = c.Opened
		}
		c.Add(e)
	}
}

func synced(at domain.Position) history.Entry {
	return history.Entry{Kind: history.Received, Type: "synced", Position: at}
}

func online(user domain.ID, is bool) history.Entry {
	return history.Entry{Kind: history.Received, Type: "presence", User: user, On: is}
}

func typing(user domain.ID, is bool) history.Entry {
	return history.Entry{Kind: history.Received, Type: "typing_indicator", Conversation: direct, User: user, On: is}
}

func sent(clientID string, conversation domain.ID) history.Entry {
	return history.Entry{Kind: history.Sent, ClientID: clientID, Conversation: conversation}
}

func answer(at domain.Position, id, conversation domain.ID, seq domain.Seq, clientID string) history.Entry {
	return history.Entry{
		Kind: history.Received, Type: "message_sent", Position: at, Message: id, Conversation: conversation, Seq: seq,
		ClientID: clientID, Hash: "h" + clientID,
	}
}

func chat(at domain.Position, id, conversation domain.ID, seq domain.Seq, sender domain.ID) history.Entry {
	hash := map[domain.ID]string{m1: "ha-1", m2: "ha-2", m3: "hb-1", m4: "ha-3"}[id]
	return history.Entry{
		Kind: history.Received, Type: "chat_message", Position: at, Message: id, Conversation: conversation, Seq: seq,
		User: sender, Hash: hash, Words: history.TrueWords,
	}
}

func status(at domain.Position, id, conversation, user domain.ID, status string) history.Entry {
	return history.Entry{
		Kind: history.Received, Type: "message_status", Position: at, Message: id, Conversation: conversation, User: user, Status: status,
	}
}

func change(at domain.Position, user, conversation domain.ID, seq domain.Seq, change string) history.Entry {
	return history.Entry{
		Kind: history.Received, Type: "conversation", Position: at, Conversation: conversation, Seq: seq, User: user, Status: change,
	}
}

func erased(at domain.Position, id, conversation domain.ID, seq domain.Seq) history.Entry {
	return history.Entry{Kind: history.Received, Type: "message_erased", Position: at, Message: id, Conversation: conversation, Seq: seq}
}
