package whatif

import (
	"fmt"

	"chainmail/domain"
	"chainmail/guard"
)

// subject is what an event says that a guard judges.
type subject int

const (
	nothing subject = iota
	message
	title
	name
)

// judgement is what a guard makes of one event.
type judgement struct {
	subject  subject
	position domain.Position
	id       domain.ID
	text     string
	erased   bool // the text is gone
	released bool // an admin let the message pass
	excepted bool // the policy excepts its author
	verdict  guard.Verdict
	heard    bool // the verdict counts what a language model said at the time
	past     past
}

// past is what became of a message.
type past struct {
	blocked  bool
	unjudged bool // nobody judged it
	score    float64
	reasons  []domain.RiskReason
	opinion  *domain.ModelOpinion
}

// judge judges an event's text. before are the events that precede it in the log, at most Context.
func judge(g *guard.Guard, e *domain.Event, before []domain.Event) (judgement, error) {
	switch e.Type {
	case domain.TypeMessageSent, domain.TypeMessageBlocked, domain.TypeConversationStarted, domain.TypeUserRegistered:
	default:
		return judgement{}, nil
	}
	data, err := domain.Decode(*e)
	if err != nil {
		return judgement{}, err
	}
	j := judgement{position: e.Position}
	var author domain.ID // zero: the command line, or the server itself
	switch d := data.(type) {
	case *domain.MessageSent:
		j.subject, j.id, j.text, j.erased, author = message, d.MessageID, d.Content, d.Erased, d.SenderID
		err = j.sentAfter(before, d)
	case *domain.MessageBlocked:
		j.subject, j.id, j.text, j.erased, author = message, d.MessageID, d.Content, d.Erased, d.SenderID
		j.past = past{blocked: true, score: d.RiskScore, reasons: d.Reasons, opinion: d.Model}
	case *domain.ConversationStarted:
		if d.Title == "" && d.BodyHash == "" {
			return judgement{}, nil
		}
		j.subject, j.id, j.text, j.erased, author = title, d.ConversationID, d.Title, d.Title == "", d.StarterID
	case *domain.UserRegistered:
		j.subject, j.id, j.text, j.erased = name, d.UserID, d.Name, d.Name == ""
		author, err = actor(e)
	}
	if err == nil && !j.erased && !j.released {
		j.settle(g, author)
	}
	return j, err
}

// actor is who caused an event.
func actor(e *domain.Event) (domain.ID, error) {
	meta, err := domain.ParseMetadata(e.Metadata)
	if err != nil {
		return domain.ID{}, fmt.Errorf("%s at %d: %w", e.Type, e.Position, err)
	}
	if meta.ActorID == nil {
		return domain.ID{}, nil
	}
	return *meta.ActorID, nil
}

// sentAfter takes over what the events before a sent message say of it: its reasons stand right before it, where it had any,
// and its release does too, or before the start of the conversation that the release opened.
func (j *judgement) sentAfter(before []domain.Event, d *domain.MessageSent) error {
	j.past = past{unjudged: d.PolicyHash == nil, score: d.RiskScore}
	for i := range before {
		e := &before[i]
		if e.Type != domain.TypeMessageJudged && e.Type != domain.TypeMessageReleased {
			continue
		}
		data, err := domain.Decode(*e)
		if err != nil {
			return err
		}
		switch b := data.(type) {
		case *domain.MessageJudged:
			if b.MessageID == d.MessageID {
				j.past.reasons, j.past.opinion = b.Reasons, b.Model
			}
		case *domain.MessageReleased:
			j.released = j.released || b.ReleasedID == d.MessageID
		}
	}
	return nil
}

func (j *judgement) settle(g *guard.Guard, author domain.ID) {
	if j.excepted = g.Exempt(author.String()); j.excepted {
		return
	}
	j.verdict, j.heard = withOpinion(g, g.Judge(j.text), j.past.opinion)
}

// withOpinion adds what a language model said at the time to a verdict of which one would be asked.
func withOpinion(g *guard.Guard, v guard.Verdict, opinion *domain.ModelOpinion) (_ guard.Verdict, heard bool) {
	if !v.Uncertain || opinion == nil || opinion.Score == nil {
		return v, false
	}
	return g.WithModel(v, *opinion.Score, ""), true
}
