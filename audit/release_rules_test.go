package audit_test

import (
	"slices"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

// forgery changes the decision to release a message.
type forgery = func(d *domain.Decision, r *domain.MessageReleased, m *domain.MessageSent)

// Each is forged into a log in which a message to the team was blocked.
func TestReleaseRules(t *testing.T) {
	t.Parallel()
	none := func(*domain.Decision, *domain.MessageReleased, *domain.MessageSent) {}
	team := func(s *guarded) kept { return s.keepBackIn(s.team, s.alice, "risky") }
	direct := func(s *guarded) kept { return s.keepBackTo(s.carol, s.alice, "risky") }
	// forged releases a message so, and wants findings at those of its events.
	forged := func(name string, block func(s *guarded) kept, change func(s *guarded) forgery, want ...int) guardCase {
		return guardCase{name, func(s *guarded) []place {
			at := s.releaseForged(block(s), change(s))
			var places []place
			for _, i := range want {
				places = append(places, rule(at[i])...)
			}
			return places
		}}
	}
	runGuardCases(t, []guardCase{
		forged("as it should be", team, func(*guarded) forgery { return none }),
		forged("as it should be, with a conversation", direct, func(*guarded) forgery { return none }),
		forged("of no message", team, func(*guarded) forgery {
			return func(_ *domain.Decision, r *domain.MessageReleased, _ *domain.MessageSent) { r.MessageID = newID() }
		}, 0),
		forged("of a message that was sent", team, func(s *guarded) forgery {
			return func(_ *domain.Decision, r *domain.MessageReleased, _ *domain.MessageSent) {
				r.MessageID, r.BlockedPosition = s.hello.ID, s.hello.Position
			}
		}, 0),
		forged("of another position", team, func(*guarded) forgery {
			return func(_ *domain.Decision, r *domain.MessageReleased, _ *domain.MessageSent) { r.BlockedPosition-- }
		}, 0),
		forged("of another sender", team, func(s *guarded) forgery {
			return func(d *domain.Decision, r *domain.MessageReleased, m *domain.MessageSent) {
				r.SenderID, m.SenderID = s.bob, s.bob
				d.Drafts[0].Stream = domain.GuardStream(s.bob)
			}
		}, 0),
		forged("by a member", team, func(s *guarded) forgery {
			return func(d *domain.Decision, r *domain.MessageReleased, _ *domain.MessageSent) {
				d.Actor.ID, r.ReleasedBy = s.bob, s.bob
			}
		}, 0),
		forged("into another conversation", team, func(s *guarded) forgery {
			other := s.group("Other", s.alice, s.bob)
			return func(d *domain.Decision, r *domain.MessageReleased, m *domain.MessageSent) {
				r.ConversationID, m.ConversationID = other, other
				d.Drafts[1].Stream = domain.ConversationStream(other)
			}
		}, 0),
		forged("to another", direct, func(s *guarded) forgery {
			s.write(s.bob, s.alice, "hi")
			other := s.state.Direct(s.alice, s.bob).ID
			return func(d *domain.Decision, r *domain.MessageReleased, m *domain.MessageSent) {
				r.ConversationID, m.ConversationID, m.ReceiverID = other, other, &s.bob
				d.Drafts = slices.Delete(d.Drafts, 1, 2)
				d.Drafts[1].Stream = domain.ConversationStream(other)
			}
		}, 1),
		forged("without its message", team, func(*guarded) forgery {
			return func(d *domain.Decision, _ *domain.MessageReleased, _ *domain.MessageSent) { d.Drafts = d.Drafts[:1] }
		}, 0),
		forged("with a conversation and without its message", direct, func(*guarded) forgery {
			return func(d *domain.Decision, _ *domain.MessageReleased, _ *domain.MessageSent) { d.Drafts = d.Drafts[:2] }
		}, 0),
		forged("with another message", team, func(*guarded) forgery {
			return func(_ *domain.Decision, _ *domain.MessageReleased, m *domain.MessageSent) { m.MessageID = newID() }
		}, 1),
		forged("with other words", team, func(*guarded) forgery {
			return func(_ *domain.Decision, _ *domain.MessageReleased, m *domain.MessageSent) {
				m.Content = "harmless"
				m.ContentHash = domain.ContentHash(m.Salt, m.Content)
			}
		}, 1),
		forged("with the same words and another salt", team, func(*guarded) forgery {
			return func(_ *domain.Decision, _ *domain.MessageReleased, m *domain.MessageSent) {
				m.Salt[0]++
				m.ContentHash = domain.ContentHash(m.Salt, m.Content)
			}
		}, 1),
		forged("with another score", team, func(*guarded) forgery {
			return func(_ *domain.Decision, _ *domain.MessageReleased, m *domain.MessageSent) { m.RiskScore = 0 }
		}, 1),
		forged("with a client_message_id", team, func(*guarded) forgery {
			return func(_ *domain.Decision, _ *domain.MessageReleased, m *domain.MessageSent) {
				fresh := "fresh"
				m.ClientMessageID = &fresh
			}
		}, 1),
		forged("with something between", team, func(s *guarded) forgery {
			return func(d *domain.Decision, _ *domain.MessageReleased, _ *domain.MessageSent) {
				block := domain.Draft{Stream: domain.GuardStream(s.root), Data: &domain.UserBlocked{UserID: s.root, BlockedID: s.carol}}
				d.Drafts = slices.Insert(d.Drafts, 1, block)
			}
		}, 1, 2),
		{"and its message is the sender's own", func(s *guarded) []place {
			d := s.releasing(team(s), s.root)
			s.forge(domain.Decision{Actor: d.Actor, Drafts: d.Drafts[:1]})
			return rule(s.forge(domain.Decision{Actor: as(s.alice), Drafts: d.Drafts[1:]})[0])
		}},
		{"of what was erased", func(s *guarded) []place {
			k := team(s)
			d := s.releasing(k, s.root)
			s.erase(k.ref(), s.alice)
			d.Keys = nil
			at := s.forge(d)
			// The words are in the log again, and were erased.
			return append(rule(at[0]), place{at[1], audit.KindBody})
		}},
		{"twice", func(s *guarded) []place {
			k := team(s)
			again := s.releasing(k, s.root)
			s.release(k, s.root)
			again.Keys = nil
			at := s.forge(again)
			return append(rule(at[0]), rule(at[1])...)
		}},
		{"of nothing, and an admin sends for another", func(s *guarded) []place {
			d := s.releasing(team(s), s.root)
			return rule(s.forge(domain.Decision{Actor: d.Actor, Drafts: d.Drafts[1:]})[0])
		}},
	})
}

// The words of a released message are in the log twice: they go together.
func TestReleasedWordsAreErasedTwice(t *testing.T) {
	t.Parallel()
	half := func(which int) func(s *guarded) []place {
		return func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			sent := s.release(k, s.root)
			d, r := s.state.Erase(domain.EraseContent{Actor: as(s.alice), Message: sent, Reason: domain.ReasonPrivacy})
			if r != nil || len(d.Drafts) != 2 {
				s.t.Fatalf("%d events, %v", len(d.Drafts), r)
			}
			left := d.Drafts[1-which].Erases
			d.Drafts = d.Drafts[which : which+1]
			s.forge(d)
			return []place{{left, audit.KindBody}}
		}
	}
	runGuardCases(t, []guardCase{
		{"only the blocked one", half(0)},
		{"only the sent one", half(1)},
		{"the body of one left", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			sent := s.release(k, s.root)
			body := s.log.events[sent.Position-1].Body
			s.erase(k.ref(), s.root)
			s.log.events[sent.Position-1].Body = body
			return []place{{sent.Position, audit.KindBody}}
		}},
		{"the body of one gone", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			s.release(k, s.root)
			s.log.events[k.position-1].Body = nil
			return []place{{k.position, audit.KindBody}}
		}},
	})
}

// What is lost before it can follow is told once, as lost.
func TestLostSequel(t *testing.T) {
	t.Parallel()
	s := newGuarded(t)
	s.judged(s.team, s.alice, "a little risky")
	lost := s.state.Position
	s.seen(s.reply, s.alice)
	events := slices.Delete(slices.Clone(s.log.events), int(lost-1), int(lost))
	checkPlaces(t, auditEvents(t, events, audit.Options{}), []place{{lost, audit.KindGap}})
	events = slices.Clone(s.log.events)
	events[lost-1].Payload = []byte(`{}`)
	checkPlaces(t, auditEvents(t, events, audit.Options{}), []place{{lost, audit.KindEncoding}, {lost, audit.KindLeafHash}})
}
