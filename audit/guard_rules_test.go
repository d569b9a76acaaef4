package audit_test

import (
	"strings"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

// guarded is a scene with a guard.
type guarded struct {
	*scene
	policy domain.Position
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	s := &guarded{scene: newScene(t)}
	s.policy = s.install("strict: \"very\"\n")
	s.before = s.state.Position
	return s
}

// forge appends in one commit what no decision leads to, and returns the events' positions.
func (s *guarded) forge(d domain.Decision) []domain.Position {
	s.t.Helper()
	s.forging = true
	var at []domain.Position
	for _, e := range s.append(d) {
		at = append(at, e.Position)
	}
	return at
}

// say judges a message in the team, with what a forger changes in the drafts: MessageJudged and MessageSent.
func (s *guarded) sayForged(change func(judged *domain.MessageJudged, sent *domain.MessageSent)) []domain.Position {
	s.t.Helper()
	c := s.send(s.alice, "risky")
	c.ConversationID, c.Verdict = s.team, verdictBy(s.state, false)
	d, r := s.state.Send(c)
	if r != nil {
		s.t.Fatal(r)
	}
	change(d.Drafts[0].Data.(*domain.MessageJudged), d.Drafts[1].Data.(*domain.MessageSent))
	return s.forge(d)
}

// blockForged blocks a message in the team, with what a forger changes in it.
func (s *guarded) blockForged(change func(b *domain.MessageBlocked)) domain.Position {
	s.t.Helper()
	c := s.send(s.alice, "risky")
	c.ConversationID, c.Verdict = s.team, verdictBy(s.state, true)
	d, r := s.state.Send(c)
	if r != nil {
		s.t.Fatal(r)
	}
	change(d.Drafts[0].Data.(*domain.MessageBlocked))
	return s.forge(d)[0]
}

// releaseForged releases a message, with what a forger changes in the decision. Keys are nobody's.
func (s *guarded) releaseForged(k kept, change func(d *domain.Decision, r *domain.MessageReleased, m *domain.MessageSent)) []domain.Position {
	s.t.Helper()
	d := s.releasing(k, s.root)
	d.Keys = nil
	change(&d, d.Drafts[0].Data.(*domain.MessageReleased), d.Drafts[len(d.Drafts)-1].Data.(*domain.MessageSent))
	return s.forge(d)
}

// eraseForged erases a blocked message, with what a forger changes in the event.
func (s *guarded) eraseForged(k kept, by domain.ID, erases domain.Position, change func(e *domain.ContentErased)) domain.Position {
	s.t.Helper()
	e := &domain.ContentErased{
		MessageID: k.data.MessageID, ErasedPosition: k.position, ErasedBy: by, Reason: domain.ReasonPrivacy, SenderID: &k.data.SenderID,
	}
	change(e)
	stream := domain.GuardStream(orNobody(e.SenderID))
	if e.ConversationID != nil {
		stream = domain.ConversationStream(*e.ConversationID)
	}
	return s.force(by, stream, e, erases)
}

func orNobody(id *domain.ID) domain.ID {
	if id == nil {
		return domain.ID{}
	}
	return *id
}

type guardCase struct {
	name  string
	force func(s *guarded) []place
}

func rule(at domain.Position) []place { return []place{{at, audit.KindRule}} }

func runGuardCases(t *testing.T, cases []guardCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newGuarded(t)
			want := tc.force(s)
			checkPlaces(t, auditEvents(t, s.log.events, audit.Options{}), want)
		})
	}
}

// What the guard does is in order, in every way in which servers do it.
func TestGuardedHistoryIsClean(t *testing.T) {
	t.Parallel()
	s := newGuarded(t)
	s.judged(s.team, s.alice, "a little risky")
	gone := s.keepBackIn(s.team, s.alice, "risky")
	s.erase(gone.ref(), s.alice)
	passed := s.release(s.keepBackIn(s.team, s.bob, "not so bad"), s.root)
	s.seen(passed, s.alice)
	opening := s.keepBackTo(s.carol, s.alice, "the first word")
	opened := s.release(opening, s.root)
	s.erase(opening.ref(), s.root)
	again := s.keepBackTo(s.carol, s.alice, "the second")
	s.erase(s.release(again, s.root), s.alice)
	own := s.keepBackTo(s.alice, s.root, "an admin's own")
	s.release(own, s.root)
	s.install("stricter")
	s.seal()
	checkPlaces(t, auditEvents(t, s.log.events, audit.Options{}), nil)
	for _, at := range []domain.Position{gone.position, opening.position, opened.Position, again.position} {
		if s.log.events[at-1].Body != nil {
			t.Errorf("the body at %d is there", at)
		}
	}
}

func TestBlockedMessageRules(t *testing.T) {
	t.Parallel()
	nothing := func(*domain.ContentErased) {}
	runGuardCases(t, []guardCase{
		{"a message's id", func(s *guarded) []place {
			return rule(s.blockForged(func(b *domain.MessageBlocked) { b.MessageID = s.hello.ID }))
		}},
		{"a blocked message's id", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			return rule(s.forceSent(s.bob, k.data.MessageID, "other"))
		}},
		{"the client_message_id of a sent one", func(s *guarded) []place {
			s.forceSent(s.alice, newID(), "mine")
			mine := "mine"
			return rule(s.blockForged(func(b *domain.MessageBlocked) { b.ClientMessageID = &mine }))
		}},
		{"the client_message_id of a blocked one", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			return rule(s.forceSent(s.alice, newID(), *k.data.ClientMessageID))
		}},
		{"the client_message_id of another's blocked one", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			s.forceSent(s.bob, newID(), *k.data.ClientMessageID)
			return nil
		}},
		{"an unknown policy", func(s *guarded) []place {
			return rule(s.blockForged(func(b *domain.MessageBlocked) { b.PolicyHash = domain.BodyHash(nil) }))
		}},
		{"a score above 1", func(s *guarded) []place {
			return rule(s.blockForged(func(b *domain.MessageBlocked) { b.RiskScore = 1.01 }))
		}},
		{"a receipt", func(s *guarded) []place {
			ref := s.keepBackIn(s.team, s.alice, "risky").ref()
			return append(rule(s.forceDelivered(ref, s.bob)), rule(s.forceRead(ref, s.bob))...)
		}},
		{"a body gone", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			s.log.events[k.position-1].Body = nil
			return []place{{k.position, audit.KindBody}}
		}},
		{"a body changed", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			e := &s.log.events[k.position-1]
			e.Body = []byte(strings.Replace(string(e.Body), "risky", "Risky", 1))
			return []place{{k.position, audit.KindContentHash}}
		}},
		{"erased by the sender", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			s.eraseForged(k, s.alice, k.position, nothing)
			return nil
		}},
		{"erased by another", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			return rule(s.eraseForged(k, s.bob, k.position, nothing))
		}},
		{"erased, and the body is there", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			s.eraseForged(k, s.alice, 0, nothing)
			return []place{{k.position, audit.KindBody}}
		}},
		{"erased by its conversation", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			return rule(s.eraseForged(k, s.alice, 0, func(e *domain.ContentErased) { e.ConversationID, e.SenderID = &s.team, nil }))
		}},
		{"a sent one erased by its sender's stream", func(s *guarded) []place {
			sent := kept{&domain.MessageBlocked{MessageID: s.hello.ID, SenderID: s.alice}, s.hello.Position}
			return rule(s.eraseForged(sent, s.alice, 0, nothing))
		}},
		{"erased at another position", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			return rule(s.eraseForged(k, s.alice, 0, func(e *domain.ContentErased) { e.ErasedPosition-- }))
		}},
		{"erased as another's", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			return rule(s.eraseForged(k, s.root, 0, func(e *domain.ContentErased) { e.SenderID = &s.bob }))
		}},
		{"erased twice", func(s *guarded) []place {
			k := s.keepBackIn(s.team, s.alice, "risky")
			s.eraseForged(k, s.alice, k.position, nothing)
			return rule(s.eraseForged(k, s.root, 0, nothing))
		}},
		{"erased before it is there", func(s *guarded) []place {
			k := kept{&domain.MessageBlocked{MessageID: newID(), SenderID: s.alice}, 3}
			return rule(s.eraseForged(k, s.alice, 0, nothing))
		}},
	})
}
