package wstest

import (
	"context"
	"slices"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections/push"
)

// noTables stands for state tables that have applied nothing yet: the log is asked for everything.
type noTables struct{}

func (noTables) Undelivered(
	context.Context, domain.ID, domain.Position, domain.Position, int,
) ([]domain.Position, domain.Position, error) {
	return nil, 0, nil
}

func (noTables) Receipts(context.Context, []domain.ID) ([]push.Receipt, domain.Position, error) {
	return nil, 0, nil
}

// history finds messages by reading the whole log.
type history struct{ log *eventstore.Log }

// Find is command.Messages.
func (h history) Find(
	ctx context.Context, ids []domain.ID, _ domain.Position,
) (map[domain.ID]domain.MessageRef, error) {
	found := make(map[domain.ID]domain.MessageRef)
	for after := domain.Position(0); ; {
		events, err := h.log.Read(ctx, after, 1000)
		if err != nil || len(events) == 0 {
			return found, err
		}
		for _, e := range events {
			after = e.Position
			if e.Type != domain.TypeMessageSent && e.Type != domain.TypeMessageBlocked {
				continue
			}
			data, err := domain.Decode(e)
			if err != nil {
				return nil, err
			}
			ref := domain.MessageRef{Position: e.Position}
			switch m := data.(type) {
			case *domain.MessageSent:
				ref.ID, ref.ConversationID, ref.SenderID = m.MessageID, m.ConversationID, m.SenderID
			case *domain.MessageBlocked:
				ref.ID, ref.SenderID, ref.Blocked = m.MessageID, m.SenderID, true
			}
			if slices.Contains(ids, ref.ID) {
				found[ref.ID] = ref
			}
		}
	}
}
