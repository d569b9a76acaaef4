package audit

import "chainmail/domain"

// sequel is what has to come next. A MessageJudged and a MessageReleased are of one commit with their message, so that
// nothing comes between. The zero value demands nothing.
type sequel struct {
	at       domain.Position // of the event that demands it
	judged   *domain.MessageJudged
	released *domain.MessageReleased
}

// next takes the event that comes next, and returns the release whose message it is, nil for none. That nothing else
// follows a release is a rule of [domain.State.Lawful].
func (s *sequel) next(e *domain.Event, data domain.Data, f *findings) (release *domain.MessageReleased) {
	was := *s
	s.forget()
	if was.judged != nil {
		was.judge(data, f)
	}
	switch d := data.(type) {
	case *domain.MessageJudged:
		s.at, s.judged = e.Position, d
	case *domain.MessageReleased:
		s.at, s.released = e.Position, d
	case *domain.ConversationStarted:
		if was.released != nil && e.Position == was.at+1 { // it may open the conversation
			*s = was
		}
	case *domain.MessageSent:
		if was.released != nil && d.MessageID == was.released.ReleasedID {
			return was.released
		}
	}
	return nil
}

// forget demands nothing any more: what comes next is missing or cannot be read, which is a finding of its own.
func (s *sequel) forget() { *s = sequel{} }

// judge holds what came next against the judgement.
func (s *sequel) judge(data domain.Data, f *findings) {
	m, sent := data.(*domain.MessageSent)
	switch {
	case !sent || m.MessageID != s.judged.MessageID || m.SenderID != s.judged.SenderID:
		f.add(s.at, KindRule, "the message %s that it judges does not follow", s.judged.MessageID)
	case m.RiskScore != s.judged.RiskScore || m.PolicyHash == nil || *m.PolicyHash != s.judged.PolicyHash:
		f.add(s.at, KindRule, "the message %s that it judges has another risk_score or policy_hash", m.MessageID)
	}
}

// finish finds what the log's end left without its sequel.
func (s *sequel) finish(f *findings) {
	switch {
	case s.judged != nil:
		f.add(s.at, KindRule, "the message %s that it judges does not follow", s.judged.MessageID)
	case s.released != nil:
		f.add(s.at, KindRule, "the message %s that it lets pass does not follow as %s", s.released.MessageID, s.released.ReleasedID)
	}
}
