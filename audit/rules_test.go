package audit_test

import (
	"slices"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

// scene is a group of three in which two messages were sent.
type scene struct {
	*history
	log                     *store
	alice, bob, carol, root domain.ID
	team                    domain.ID
	hello, reply            domain.MessageRef // of alice, of bob
	before                  domain.Position
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{log: newStore()}
	s.history = begin(t, s.log)
	s.alice, s.bob = s.user("Alice", domain.RoleMember), s.user("Bob", domain.RoleMember)
	s.carol, s.root = s.user("Carol", domain.RoleMember), s.user("Root", domain.RoleAdmin)
	s.team = s.group("Team", s.alice, s.bob)
	s.hello = s.say(s.team, s.alice, "hello")
	s.reply = s.say(s.team, s.bob, "hello yourself")
	s.may(s.state.Add(domain.AddParticipant{Actor: as(s.alice), ConversationID: s.team, UserID: s.carol}))
	s.before = s.state.Position
	return s
}

// force appends what no decision leads to; it returns its position.
func (s *scene) force(actor domain.ID, stream domain.StreamID, d domain.Data, erases domain.Position) domain.Position {
	s.t.Helper()
	return s.append(domain.Decision{
		Actor: as(actor), Drafts: []domain.Draft{{Stream: stream, Data: d, Erases: erases}},
	})[0].Position
}

func (s *scene) forceDelivered(m domain.MessageRef, user domain.ID) domain.Position {
	s.t.Helper()
	return s.force(user, domain.ReceiptStream(s.team), &domain.MessageDelivered{
		MessageID: m.ID, ConversationID: m.ConversationID, SenderID: m.SenderID, UserID: user,
	}, 0)
}

func (s *scene) forceRead(m domain.MessageRef, user domain.ID) domain.Position {
	s.t.Helper()
	return s.force(user, domain.ReceiptStream(s.team), &domain.MessageRead{
		MessageID: m.ID, ConversationID: m.ConversationID, SenderID: m.SenderID, UserID: user,
	}, 0)
}

func (s *scene) forceErased(m domain.MessageRef, by domain.ID, erases domain.Position) domain.Position {
	s.t.Helper()
	return s.force(by, domain.ConversationStream(s.team), &domain.ContentErased{
		MessageID: m.ID, ConversationID: &m.ConversationID, ErasedPosition: m.Position, ErasedBy: by, Reason: domain.ReasonPrivacy,
	}, erases)
}

// forceSent appends a message whose id or client_message_id need not be fresh.
func (s *scene) forceSent(sender, message domain.ID, client string) domain.Position {
	s.t.Helper()
	salt := domain.Salt(newID())
	return s.force(sender, domain.ConversationStream(s.team), &domain.MessageSent{
		MessageID: message, ConversationID: s.team, SenderID: sender, ClientMessageID: &client,
		Content: "forced", Salt: salt, ContentHash: domain.ContentHash(salt, "forced"),
	}, 0)
}

// What events say of messages, held against the messages themselves: each is forced into the log, well hashed.
func TestMessageRules(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		force func(s *scene) []place
	}{
		{"receipts as they should be", func(s *scene) []place {
			s.forceDelivered(s.hello, s.bob)
			s.forceRead(s.hello, s.bob)
			s.forceRead(s.reply, s.alice)
			return nil
		}},
		{"a receipt of no message", func(s *scene) []place {
			s.hello.ID = newID()
			return []place{{s.forceRead(s.hello, s.bob), audit.KindRule}}
		}},
		{"a receipt before its message", func(s *scene) []place {
			m := domain.MessageRef{ID: newID(), ConversationID: s.team, SenderID: s.alice}
			at := s.forceDelivered(m, s.bob)
			s.forceSent(s.alice, m.ID, "later")
			return []place{{at, audit.KindRule}}
		}},
		{"a receipt that names another sender", func(s *scene) []place {
			s.hello.SenderID = s.root
			return []place{{s.forceRead(s.hello, s.bob), audit.KindRule}}
		}},
		{"a receipt that names another conversation", func(s *scene) []place {
			other := s.group("Team", s.alice, s.bob)
			return []place{{s.force(s.bob, domain.ReceiptStream(other), &domain.MessageRead{
				MessageID: s.hello.ID, ConversationID: other, SenderID: s.alice, UserID: s.bob,
			}, 0), audit.KindRule}}
		}},
		{"a receipt of one who came later", func(s *scene) []place {
			return []place{{s.forceRead(s.hello, s.carol), audit.KindRule}}
		}},
		{"a receipt of a stranger", func(s *scene) []place {
			return []place{{s.forceDelivered(s.hello, s.root), audit.KindRule}}
		}},
		{"a receipt of the sender", func(s *scene) []place {
			return []place{{s.forceRead(s.hello, s.alice), audit.KindRule}}
		}},
		{"delivered twice", func(s *scene) []place {
			s.forceDelivered(s.hello, s.bob)
			return []place{{s.forceDelivered(s.hello, s.bob), audit.KindRule}}
		}},
		{"read twice", func(s *scene) []place {
			s.forceRead(s.hello, s.bob)
			return []place{{s.forceRead(s.hello, s.bob), audit.KindRule}}
		}},
		{"delivered after it was read", func(s *scene) []place {
			s.forceRead(s.hello, s.bob)
			return []place{{s.forceDelivered(s.hello, s.bob), audit.KindRule}}
		}},
		{"a message's id twice", func(s *scene) []place {
			return []place{{s.forceSent(s.bob, s.hello.ID, "other"), audit.KindRule}}
		}},
		{"a client_message_id twice", func(s *scene) []place {
			s.forceSent(s.bob, newID(), "mine")
			return []place{{s.forceSent(s.bob, newID(), "mine"), audit.KindRule}}
		}},
		{"a client_message_id of two people", func(s *scene) []place {
			s.forceSent(s.bob, newID(), "mine")
			s.forceSent(s.alice, newID(), "mine")
			return nil
		}},
		{"an erasure as it should be", func(s *scene) []place {
			s.forceErased(s.hello, s.alice, s.hello.Position)
			s.forceErased(s.reply, s.root, s.reply.Position)
			return nil
		}},
		{"an erasure that erased nothing", func(s *scene) []place {
			s.forceErased(s.hello, s.alice, 0)
			return []place{{s.hello.Position, audit.KindBody}}
		}},
		{"an erasure of another message", func(s *scene) []place {
			at := s.forceErased(domain.MessageRef{
				ID: s.hello.ID, ConversationID: s.team, Position: s.reply.Position,
			}, s.alice, s.reply.Position)
			return []place{{s.reply.Position, audit.KindBody}, {at, audit.KindRule}}
		}},
		{"an erasure in another conversation", func(s *scene) []place {
			other := s.group("Team", s.alice, s.bob)
			at := s.force(s.alice, domain.ConversationStream(other), &domain.ContentErased{
				MessageID: s.hello.ID, ConversationID: &other, ErasedPosition: s.hello.Position, ErasedBy: s.alice, Reason: domain.ReasonLegal,
			}, 0)
			return []place{{at, audit.KindRule}}
		}},
		{"an erasure of no message", func(s *scene) []place {
			s.hello.ID = newID()
			return []place{{s.forceErased(s.hello, s.alice, 0), audit.KindRule}}
		}},
		{"an erasure by another", func(s *scene) []place {
			return []place{{s.forceErased(s.hello, s.bob, s.hello.Position), audit.KindRule}}
		}},
		{"an erasure that comes again", func(s *scene) []place {
			s.forceErased(s.hello, s.alice, s.hello.Position)
			return []place{{s.forceErased(s.hello, s.alice, 0), audit.KindRule}}
		}},
		{"a wallet twice", func(s *scene) []place {
			var at domain.Position
			for range 2 {
				id := newID()
				at = s.force(domain.ID{}, domain.UserStream(id), &domain.UserRegistered{
					UserID: id, Role: domain.RoleMember, Name: "Twin", WalletAddress: "0x00", Salt: domain.Salt(id),
				}, 0)
			}
			return []place{{at, audit.KindRule}}
		}},
		{"a message of a stranger", func(s *scene) []place {
			return []place{{s.forceSent(s.root, newID(), "hi"), audit.KindRule}}
		}},
		{"a message in another's stream", func(s *scene) []place {
			return []place{{s.force(s.bob, domain.ReceiptStream(s.team), &domain.UserBlocked{UserID: s.bob, BlockedID: s.alice}, 0), audit.KindRule}}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			want := tc.force(s)
			checkPlaces(t, auditEvents(t, s.log.events, audit.Options{}), want)
			checkPlaces(t, auditEvents(t, s.log.events[:s.before], audit.Options{}), beforeThat(s))
		})
	}
}

// beforeThat is what a log that was cut before the forced events still shows: bodies that are gone.
func beforeThat(s *scene) []place {
	var left []place
	for at, e := range s.log.events[:s.before] {
		if (e.Type == domain.TypeMessageSent || e.Type == domain.TypeMessageBlocked) && e.Body == nil {
			left = append(left, place{domain.Position(at + 1), audit.KindBody})
		}
	}
	return left
}

// The same history is judged alike in whatever pieces it comes.
func TestPieces(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.forceRead(s.hello, s.carol)
	s.forceErased(s.reply, s.alice, 0)
	want := auditEvents(t, s.log.events, audit.Options{})
	for _, size := range []int{1, 2, 5, 1000} {
		a := audit.New(audit.Options{TempDir: t.TempDir()})
		for piece := range slices.Chunk(slices.Clone(s.log.events), size) {
			if err := a.Check(piece); err != nil {
				t.Fatal(err)
			}
			for _, e := range piece {
				if d, err := domain.Decode(e); err != nil || d.Type() != e.Type {
					t.Errorf("data of %d: %v", e.Position, err)
				}
			}
		}
		got, err := a.Finish(nil)
		if err != nil || !slices.Equal(got.Findings, want.Findings) {
			t.Errorf("in pieces of %d: got %v, %v; want %v", size, got.Findings, err, want.Findings)
		}
	}
}
