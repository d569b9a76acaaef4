package audit_test

import (
	"slices"
	"strings"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

func TestJudgedMessageRules(t *testing.T) {
	t.Parallel()
	runGuardCases(t, []guardCase{
		{"as it should be", func(s *guarded) []place {
			s.sayForged(func(*domain.MessageJudged, *domain.MessageSent) {})
			return nil
		}},
		{"of another message", func(s *guarded) []place {
			return rule(s.sayForged(func(j *domain.MessageJudged, _ *domain.MessageSent) { j.MessageID = newID() })[0])
		}},
		{"of another score", func(s *guarded) []place {
			return rule(s.sayForged(func(j *domain.MessageJudged, _ *domain.MessageSent) { j.RiskScore = 0.5 })[0])
		}},
		{"of another policy", func(s *guarded) []place {
			s.install("stricter")
			return rule(s.sayForged(func(j *domain.MessageJudged, _ *domain.MessageSent) {
				j.PolicyHash = domain.BodyHash([]byte("strict: \"very\"\n"))
			})[0])
		}},
		{"of a message without a policy", func(s *guarded) []place {
			return rule(s.sayForged(func(_ *domain.MessageJudged, m *domain.MessageSent) { m.PolicyHash = nil })[0])
		}},
		{"of another's message", func(s *guarded) []place {
			c := s.send(s.alice, "risky")
			c.ConversationID, c.Verdict = s.team, verdictBy(s.state, false)
			d, r := s.state.Send(c)
			if r != nil {
				s.t.Fatal(r)
			}
			judged := d.Drafts[0].Data.(*domain.MessageJudged)
			judged.SenderID = s.bob
			at := s.force(s.bob, domain.GuardStream(s.bob), judged, 0)
			d.Drafts = d.Drafts[1:]
			s.forge(d)
			return rule(at)
		}},
		{"at the end of the log", func(s *guarded) []place {
			at := s.sayForged(func(*domain.MessageJudged, *domain.MessageSent) {})
			s.log.events = s.log.events[:len(s.log.events)-1]
			return rule(at[0])
		}},
		{"twice", func(s *guarded) []place {
			at := s.sayForged(func(*domain.MessageJudged, *domain.MessageSent) {})
			last := s.log.events[at[0]-1]
			s.log.events = s.log.events[:len(s.log.events)-1]
			s.log.versions[domain.ConversationStream(s.team)]--
			d, err := domain.Decode(last)
			if err != nil {
				s.t.Fatal(err)
			}
			return append(rule(at[0]), rule(s.force(s.alice, last.Stream, d, 0))...)
		}},
		{"and something between", func(s *guarded) []place {
			c := s.send(s.alice, "risky")
			c.ConversationID, c.Verdict = s.team, verdictBy(s.state, false)
			d, r := s.state.Send(c)
			if r != nil {
				s.t.Fatal(r)
			}
			read := domain.Draft{Stream: domain.ReceiptStream(s.team), Data: &domain.MessageRead{
				MessageID: s.reply.ID, ConversationID: s.team, SenderID: s.bob, UserID: s.alice,
			}}
			d.Drafts = slices.Insert(d.Drafts, 1, read)
			return rule(s.forge(d)[0])
		}},
	})
}

func TestPolicyRules(t *testing.T) {
	t.Parallel()
	install := func(s *guarded, p domain.GuardPolicyInstalled) domain.Position {
		return s.forge(domain.Decision{
			Actor: domain.Actor{Auth: domain.AuthSystem}, Drafts: []domain.Draft{{Stream: domain.PolicyStream, Data: &p}},
		})[0]
	}
	runGuardCases(t, []guardCase{
		{"another hash", func(s *guarded) []place {
			p := policyOf("lax")
			p.PolicyHash = domain.BodyHash([]byte("strict"))
			return []place{{install(s, p), audit.KindContentHash}}
		}},
		{"no policy", func(s *guarded) []place {
			p := policyOf("lax")
			p.Policy = ""
			return []place{{install(s, p), audit.KindBody}}
		}},
		{"a body gone", func(s *guarded) []place {
			s.log.events[s.policy-1].Body = nil
			return []place{{s.policy, audit.KindBody}}
		}},
		{"a body changed", func(s *guarded) []place {
			e := &s.log.events[s.policy-1]
			e.Body = []byte(strings.Replace(string(e.Body), "very", "Very", 1))
			return []place{{s.policy, audit.KindContentHash}}
		}},
		{"another's stream", func(s *guarded) []place {
			p := policyOf("lax")
			return rule(s.force(s.root, domain.LogStream, &p, 0))
		}},
	})
}
