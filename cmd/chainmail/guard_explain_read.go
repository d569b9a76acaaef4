package main

import (
	"context"
	"errors"
	"fmt"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/guard"
)

// explanation is all that the log has on a verdict. Its fields are what --json prints.
type explanation struct {
	Outcome        string          `json:"outcome"` // one of those below
	MessageID      domain.ID       `json:"message_id"`
	Position       domain.Position `json:"position"`
	Time           any             `json:"timestamp"`
	SenderID       domain.ID       `json:"sender_id"`
	ReceiverID     *domain.ID      `json:"receiver_id"`
	ConversationID *domain.ID      `json:"conversation_id"`
	Content        *string         `json:"content"` // null once erased
	Release        *passed         `json:"release"`

	RiskScore  float64              `json:"risk_score"`
	PolicyHash *string              `json:"policy_hash"` // null for a message that nobody judged
	Policy     *judgedBy            `json:"policy"`      // null also where the log does not have it
	Reasons    []explainedReason    `json:"reasons"`     // the weightiest first
	Model      *domain.ModelOpinion `json:"model"`       // null when no language model was asked
	Again      *secondLook          `json:"again"`       // null where it cannot be judged again
	NotAgain   string               `json:"not_again,omitempty"`

	log           *eventstore.Log
	sender, admin string // who wrote and who released it, for people
}

// What became of a message.
const (
	outcomeSent     = "sent"
	outcomeBlocked  = "blocked"
	outcomeReleased = "released" // blocked, and then sent by an admin
)

// passed is the release of a blocked message.
type passed struct {
	Position   domain.Position `json:"position"`
	Time       any             `json:"timestamp"`
	ReleasedBy domain.ID       `json:"released_by"`
	ReleasedID domain.ID       `json:"released_id"`
}

// judgedBy is the policy that judged, and what it judged with.
type judgedBy struct {
	Position     domain.Position     `json:"position"` // where it was installed
	Time         any                 `json:"timestamp"`
	Shipped      bool                `json:"shipped"` // it is the one in this program
	Uncertain    float64             `json:"uncertain"`
	Block        float64             `json:"block"`
	ModelHash    *string             `json:"model_hash"` // the classifier's
	ModelShipped bool                `json:"model_shipped"`
	Lists        []domain.PolicyList `json:"lists"`
	Excepted     bool                `json:"sender_excepted"`
	Others       []domain.Position   `json:"others"` // where it was installed before with another classifier or other lists

	guard *guard.Guard // with empty lists
	bare  bool         // it has lists
}

// explainedReason is a reason with its words for people.
type explainedReason struct {
	domain.RiskReason
	Message string `json:"message"`
}

// explain reads what the log has on the message that was sent or blocked at a position.
func explain(ctx context.Context, log *eventstore.Log, at domain.Position) (*explanation, error) {
	event, data, err := eventAt(ctx, log, at)
	if err != nil {
		return nil, err
	}
	e := &explanation{log: log, Position: at, Time: optionalTime(event.RecordedAt), Reasons: []explainedReason{}}
	switch m := data.(type) {
	case *domain.MessageBlocked:
		return e, e.blocked(ctx, m)
	case *domain.MessageSent:
		release, err := releaseOf(ctx, log, at, m)
		if err != nil {
			return nil, err
		}
		if release != nil && release.BlockedPosition < at {
			return explain(ctx, log, release.BlockedPosition)
		}
		return e, e.sent(ctx, m)
	}
	return nil, finding{fmt.Errorf("%w: no message at %d", eventstore.ErrDamaged, at)}
}

// eventAt reads one event. The data are nil where there is none, and where it is of a newer release.
func eventAt(ctx context.Context, log *eventstore.Log, at domain.Position) (event domain.Event, data domain.Data, err error) {
	events, err := log.At(ctx, at)
	if err != nil || len(events) == 0 {
		return event, nil, err
	}
	data, err = domain.Decode(events[0])
	if errors.Is(err, domain.ErrUnknownType) {
		return events[0], nil, nil
	}
	return events[0], data, err
}

// releaseOf is the release that led to a message, nil if none did. The start of the conversation may stand between.
func releaseOf(
	ctx context.Context, log *eventstore.Log, at domain.Position, m *domain.MessageSent,
) (*domain.MessageReleased, error) {
	for before := at - 1; before >= at-2; before-- {
		_, data, err := eventAt(ctx, log, before)
		if err != nil {
			return nil, err
		}
		if r, ok := data.(*domain.MessageReleased); ok && r.ReleasedID == m.MessageID {
			return r, nil
		}
	}
	return nil, nil
}

// sent takes over a message that was sent, and its reasons, which stand right before it where it has any.
func (e *explanation) sent(ctx context.Context, m *domain.MessageSent) error {
	e.Outcome, e.MessageID, e.SenderID, e.ReceiverID, e.ConversationID = outcomeSent, m.MessageID, m.SenderID, m.ReceiverID, &m.ConversationID
	e.RiskScore, e.PolicyHash = m.RiskScore, m.PolicyHash
	if !m.Erased {
		e.Content = &m.Content
	}
	_, before, err := eventAt(ctx, e.log, e.Position-1)
	if err != nil {
		return err
	}
	var reasons []domain.RiskReason
	if j, ok := before.(*domain.MessageJudged); ok && j.MessageID == m.MessageID {
		reasons, e.Model = j.Reasons, j.Model
	}
	return e.judged(ctx, reasons)
}

func (e *explanation) blocked(ctx context.Context, m *domain.MessageBlocked) error {
	e.Outcome, e.MessageID, e.SenderID, e.ReceiverID, e.ConversationID = outcomeBlocked, m.MessageID, m.SenderID, m.ReceiverID, m.ConversationID
	e.RiskScore, e.PolicyHash, e.Model = m.RiskScore, &m.PolicyHash, m.Model
	if !m.Erased {
		e.Content = &m.Content
	}
	if err := e.findRelease(ctx); err != nil {
		return err
	}
	return e.judged(ctx, m.Reasons)
}

// findRelease looks for the event that holds the key of the message's release. An erasure may hold it too.
func (e *explanation) findRelease(ctx context.Context) error {
	at, err := e.log.Holder(ctx, domain.ReleaseKey(e.MessageID))
	if err != nil || at == 0 {
		return err
	}
	event, data, err := eventAt(ctx, e.log, at)
	if err != nil {
		return err
	}
	if r, ok := data.(*domain.MessageReleased); ok {
		e.Outcome = outcomeReleased
		e.Release = &passed{at, optionalTime(event.RecordedAt), r.ReleasedBy, r.ReleasedID}
	}
	return nil
}

// findPeople finds out who took part.
func (e *explanation) findPeople(ctx context.Context) (err error) {
	if e.sender, err = e.person(ctx, e.SenderID); err != nil || e.Release == nil {
		return err
	}
	e.admin, err = e.person(ctx, e.Release.ReleasedBy)
	return err
}

// person is how a person is shown a user: with his name, where the log has it.
func (e *explanation) person(ctx context.Context, id domain.ID) (string, error) {
	events, err := e.log.ReadStream(ctx, domain.UserStream(id), 0, 1)
	if err != nil || len(events) == 0 {
		return id.String(), err
	}
	data, err := domain.Decode(events[0])
	if u, ok := data.(*domain.UserRegistered); ok && u.Name != "" {
		return fmt.Sprintf("%s (%s)", audit.Printable(u.Name), id), err
	}
	return id.String(), err
}
