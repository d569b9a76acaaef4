package push

import (
	"fmt"

	"chainmail/domain"
)

// Retell makes the frame of an event of a conversation as it is pushed to a user who may see it, which the caller knows; with
// one receipt each, however many take part. It returns nil for an event that makes none. The view includes the event.
func (p *Pusher) Retell(e domain.Event, user domain.ID) (frame []byte, err error) {
	data, err := domain.Decode(e)
	if err != nil {
		return nil, fmt.Errorf("retell position %d: %w", e.Position, err)
	}
	switch d := data.(type) {
	case *domain.MessageSent:
		return appendMessage(nil, e, d, d.SenderID == user), nil
	case *domain.ContentErased:
		return appendErased(nil, e, d), nil
	case *domain.MessageDelivered, *domain.MessageRead:
		r, _ := receiptIn(d)
		return appendReceipt(nil, e, r), nil
	}
	c, ok := changeIn(p.view, data)
	if !ok {
		return nil, nil
	}
	c.participants = c.appendParticipants(nil, p.view, e.Position)
	return appendChange(nil, e, c), nil
}
