package history_test

import (
	"slices"
	"testing"
	"time"

	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

// check checks a story, after something was done to it.
func check(t *testing.T, harm func(*story)) []history.Finding {
	t.Helper()
	s := newStory()
	harm(s)
	log, err := history.NewLog(s.events)
	if err != nil {
		t.Fatal(err)
	}
	return history.Check(log, s.history)
}

func TestTrueHistoryHasNoFindings(t *testing.T) {
	t.Parallel()
	for _, f := range check(t, func(*story) {}) {
		t.Error(f)
	}
}

// Each guarantee is broken once, and the checker has to name it.
func TestEachBreachIsFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		harm func(*story)
		want history.Breach
	}{
		{"a position is missing", func(s *story) { s.events = slices.Delete(s.events, 3, 4) }, history.LogGap},
		{"a version is missing", func(s *story) { s.events[6].Version++ }, history.LogGap},
		{"the clock goes back", func(s *story) { s.events[6].RecordedAt = epoch.Add(-time.Second) }, history.LogBackwards},
		{"stored twice", func(s *story) {
			s.add(domain.ConversationStream(direct), message(named('m', 9), direct, alice, "a-1"))
		}, history.LogDoubled},
		{"acknowledged and lost", func(s *story) { rename(s, 15, "x") }, history.AckLost},
		{"acknowledged under another id", func(s *story) { entry(s.alice, 0, "message_sent", 7).Message = m3 }, history.AckDiffers},
		{"acknowledged at another place", func(s *story) { entry(s.alice, 0, "message_sent", 7).Position = 8 }, history.AckDiffers},
		{"acknowledged with another seq", func(s *story) { entry(s.alice, 0, "message_sent", 7).Seq = 4 }, history.AckDiffers},
		{"acknowledged with another hash", func(s *story) { entry(s.alice, 0, "message_sent", 7).Hash = "x" }, history.AckDiffers},
		{"acknowledged as new twice", func(s *story) {
			told(s.alice.Connections[1], sent("a-2", direct), answer(7, m2, direct, 3, "a-2"))
		}, history.AckTwice},
		{"refused and yet a duplicate", func(s *story) { entry(s.alice, 1, "message_sent", 15).Duplicate = true }, history.RefusedStored},
		{"refused and yet stored", func(s *story) {
			told(s.carol.Connections[0], sent("c-1", everybody), refused("c-1", "unavailable"))
			s.add(domain.ConversationStream(everybody), message(named('m', 9), everybody, carol, "c-1"))
		}, history.RefusedStored},
		{"refused without a cause", func(s *story) {
			told(s.bob.Connections[1], sent("b-2", everybody), refused("b-2", "not_a_participant"))
		}, history.RefusedWrongly},
		{"not found though seen", func(s *story) {
			told(s.bob.Connections[1], history.Entry{Kind: history.Received, Type: "error", Code: "message_not_found"})
		}, history.RefusedWrongly},
		{"an inner error", func(s *story) {
			told(s.bob.Connections[1], history.Entry{Kind: history.Received, Type: "error", Code: "internal"})
		}, history.RefusedWrongly},
		{"never answered", func(s *story) { told(s.bob.Connections[1], sent("b-2", everybody)) }, history.Unanswered},
		{"refused to the end", func(s *story) {
			told(s.bob.Connections[1], sent("b-2", everybody), refused("b-2", "unavailable"))
		}, history.Unanswered},
		{"stored in another order", func(s *story) {
			c := s.alice.Connections[0]
			c.Entries[1], c.Entries[2] = c.Entries[2], c.Entries[1]
		}, history.SendOrder},
		{"pushes change places", func(s *story) { swap(s.bob, 0, 6, 7) }, history.PushOrder},
		{"a push comes twice", func(s *story) { repeat(s.bob, 0, 6) }, history.PushTwice},
		{"a push from before since", func(s *story) { s.bob.Connections[1].Since = 15 }, history.PushBeforeSince},
		{"a message never comes", func(s *story) { drop(s.carol, 0, 12) }, history.PushMissed},
		{"synced passes over a message", func(s *story) { drop(s.bob, 1, 15); drop(s.bob, 1, 16) }, history.PushMissed},
		{"a heartbeat passes over an erasure", func(s *story) { drop(s.alice, 1, 16) }, history.PushMissed},
		{"a receipt is not told", func(s *story) { drop(s.alice, 0, 8) }, history.PushMissed},
		{"a read is not told to the reader's other device", func(s *story) { drop(s.other, 0, 9) }, history.PushMissed},
		{"a sync passes over a message", func(s *story) { dropLast(s.other, 0, 15) }, history.PushMissed},
		{"a message without a receipt does not come", func(s *story) { drop(s.late, 0, 7) }, history.PushMissed},
		{"the end does not come", func(s *story) {
			c := s.carol.Connections[0]
			c.Entries = c.Entries[:2]
		}, history.PushNever},
		{"a message that is not in the log", func(s *story) { entry(s.bob, 0, "chat_message", 6).Message = m4 }, history.PushInvented},
		{"a push with another seq", func(s *story) { entry(s.bob, 0, "chat_message", 6).Seq = 9 }, history.PushDiffers},
		{"a push with another sender", func(s *story) { entry(s.bob, 0, "chat_message", 6).User = carol }, history.PushDiffers},
		{"words that are not those of the hash", func(s *story) { entry(s.bob, 0, "chat_message", 6).Words = history.FalsedWords }, history.PushDiffers},
		{"words that nobody erased are gone", func(s *story) { entry(s.bob, 0, "chat_message", 6).Words = history.NoWords }, history.PushDiffers},
		{"a message to somebody who has left", func(s *story) {
			insert(s.carol, 0, chat(15, m4, everybody, 5, alice))
		}, history.PushForeign},
		{"a message from before she joined", func(s *story) {
			c := s.carol.Connections[0]
			c.Entries = slices.Insert(c.Entries, 0, change(10, alice, everybody, 1, "started"))
		}, history.PushForeign},
		{"another's receipt", func(s *story) { insert(s.carol, 0, status(13, m3, everybody, alice, "read")) }, history.PushForeign},
		{"a message again after its receipt", func(s *story) {
			c := s.late.Connections[0]
			c.Entries = slices.Insert(c.Entries, 0, chat(6, m1, direct, 2, alice))
		}, history.PushAcknowledged},
		{"erased words again", func(s *story) {
			told(s.other.Open("s", 5, 80), chat(6, m1, direct, 2, alice), chat(7, m2, direct, 3, alice))
		}, history.PushErased},
		{"seq does not ascend", func(s *story) { swap(s.bob, 0, 6, 7) }, history.SeqOrder},
		{"seq has a gap", func(s *story) { drop(s.bob, 0, 7) }, history.SeqGap},
		{"seq has a gap over a reconnect", func(s *story) { drop(s.alice, 1, 12) }, history.SeqGap},
		{"a receipt is lost", func(s *story) {
			told(s.bob.Connections[1], history.Entry{Kind: history.Read, At: 200, Messages: []domain.ID{m4}})
		}, history.ReceiptLost},
		{"a receipt is invented", func(s *story) {
			s.add(domain.ReceiptStream(everybody), &domain.MessageRead{MessageID: m4, ConversationID: everybody, SenderID: alice, UserID: bob})
		}, history.ReceiptInvented},
		{"closed without a cause", func(s *story) { s.bob.Connections[0].CloseCode = 1011 }, history.CloseUnexpected},
		{"a since is refused", func(s *story) {
			told(s.bob.Connections[1], history.Entry{Kind: history.Received, Type: "error", Code: "invalid_field", Field: "since"})
		}, history.SinceRefused},
		{"nobody tells that a peer is there", func(s *story) { dropSignal(s.bob, 1, "presence") }, history.PresenceUntrue},
		{"a peer who went stays online", func(s *story) { s.history.Gathering.Here[alice] = false }, history.PresenceUntrue},
		{"a typing_indicator has no end", func(s *story) { dropSignal(s.bob, 1, "typing_indicator") }, history.TypingForEver},
		{"acknowledged before anything was lost, and not in the log", func(s *story) { s.loseEnd(14); rename(s, 12, "x") }, history.AckLost},
		{"kept, and passed over by what was lost", func(s *story) { drop(s.bob, 0, 12-1); s.loseEnd(14) }, history.PushMissed},
		{"a client that was told of the loss gets what was lost", func(s *story) { s.loseEnd(14); s.history.Loss.To = 10 }, history.PushInvented},
		{"no JSON", func(s *story) {
			told(s.bob.Connections[1], history.Entry{Kind: history.Received, Type: history.Unparsed, Code: "x"})
		}, history.FrameUnparsed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			findings := check(t, test.harm)
			if !slices.ContainsFunc(findings, func(f history.Finding) bool { return f.Breach == test.want }) {
				t.Errorf("not found: %s; got %v", test.want, findings)
			}
		})
	}
}

// What can't be known, or is allowed, is no breach.
func TestWhatIsAllowed(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*story){
		"a repeat after a lost answer": func(s *story) {
			told(s.alice.Connections[1], sent("a-2", direct), history.Entry{
				Kind: history.Received, Type: "message_sent", Position: 7, Message: m2, Conversation: direct, Seq: 3, ClientID: "a-2", Hash: "ha-2", Duplicate: true,
			})
			drop(s.alice, 0, 7) // the first answer was lost
		},
		"what was acknowledged and pushed is lost, and that was accepted": func(s *story) { s.loseEnd(14) },
		"words are gone whose erasure is lost": func(s *story) {
			s.loseEnd(15)
			e := entry(s.other, 0, "chat_message", 7)
			e.At, e.Words = 41, history.NoWords
		},
		"refused after having left": func(s *story) {
			told(s.carol.Connections[0], sent("c-1", everybody), refused("c-1", "not_a_participant"))
		},
		"a receipt that was under way when things broke": func(s *story) {
			told(s.bob.Connections[1], history.Entry{Kind: history.Read, At: 90, Messages: []domain.ID{m4}})
		},
		"one's own message as a push": func(s *story) {
			own := chat(15, m4, everybody, 5, alice)
			own.ClientID = "a-3"
			c := s.alice.Connections[1]
			c.Entries = slices.Insert(c.Entries, len(c.Entries)-2, own)
		},
		"many receipts in one status": func(s *story) {
			insert(s.alice, 1, history.Entry{Kind: history.Received, Type: "message_status", Message: m1, Position: 16, Counts: true})
		},
	}
	for name, harm := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, f := range check(t, harm) {
				t.Error(f)
			}
		})
	}
}

func refused(clientID, code string) history.Entry {
	return history.Entry{Kind: history.Received, Type: "error", Code: code, ClientID: clientID}
}

// at finds the frame at a position.
func at(d *history.Device, connection int, position domain.Position) int {
	return slices.IndexFunc(d.Connections[connection].Entries, func(e history.Entry) bool {
		return e.Kind == history.Received && e.Position == position && e.Type != "synced" && e.Type != "heartbeat"
	})
}

func entry(d *history.Device, connection int, kind string, position domain.Position) *history.Entry {
	e := &d.Connections[connection].Entries[at(d, connection, position)]
	if e.Type != kind {
		panic("there is a " + e.Type)
	}
	return e
}

// dropSignal drops the connection's last frame of a kind.
func dropSignal(d *history.Device, connection int, kind string) {
	c := d.Connections[connection]
	for i := len(c.Entries) - 1; ; i-- {
		if c.Entries[i].Type == kind {
			c.Entries = slices.Delete(c.Entries, i, i+1)
			return
		}
	}
}

// loseEnd has the log end at a position, and every connection be one from before clients were told.
func (s *story) loseEnd(kept domain.Position) {
	s.events = s.events[:kept]
	s.history.Loss = &history.Loss{Kept: kept, From: 40, To: time.Hour}
}

func drop(d *history.Device, connection int, position domain.Position) {
	c, i := d.Connections[connection], at(d, connection, position)
	c.Entries = slices.Delete(c.Entries, i, i+1)
}

func dropLast(d *history.Device, connection int, position domain.Position) {
	c := d.Connections[connection]
	for i := len(c.Entries) - 1; ; i-- {
		if c.Entries[i].Position == position && c.Entries[i].Type == "chat_message" {
			c.Entries = slices.Delete(c.Entries, i, i+1)
			return
		}
	}
}

func swap(d *history.Device, connection int, a, b domain.Position) {
	i, j, c := at(d, connection, a), at(d, connection, b), d.Connections[connection]
	c.Entries[i], c.Entries[j] = c.Entries[j], c.Entries[i]
}

func repeat(d *history.Device, connection int, position domain.Position) {
	c, i := d.Connections[connection], at(d, connection, position)
	c.Entries = slices.Insert(c.Entries, i, c.Entries[i])
}

// insert puts an entry before the connection's last one.
func insert(d *history.Device, connection int, e history.Entry) {
	c := d.Connections[connection]
	c.Entries = slices.Insert(c.Entries, len(c.Entries)-1, e)
}

// rename changes the client_message_id of a message in the log.
func rename(s *story, position int, to string) {
	data, err := domain.Decode(s.events[position-1])
	if err != nil {
		panic(err)
	}
	m := *data.(*domain.MessageSent)
	m.ClientMessageID = &to
	s.events[position-1] = s.events[position-1].WithData(&m)
}
