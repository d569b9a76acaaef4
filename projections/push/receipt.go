package push

import "chainmail/domain"

// receipt is a MessageDelivered or MessageRead.
type receipt struct {
	message, conversation, sender, user domain.ID
	read                                bool
}

// receiptIn returns the receipt that an event's data is, if it is one.
func receiptIn(data domain.Data) (receipt, bool) {
	switch d := data.(type) {
	case *domain.MessageDelivered:
		return receipt{d.MessageID, d.ConversationID, d.SenderID, d.UserID, false}, true
	case *domain.MessageRead:
		return receipt{d.MessageID, d.ConversationID, d.SenderID, d.UserID, true}, true
	}
	return receipt{}, false
}

// receiptOf is receiptIn of an event that may not be readable.
func receiptOf(e domain.Event) (receipt, bool) {
	if e.Type != domain.TypeMessageDelivered && e.Type != domain.TypeMessageRead {
		return receipt{}, false
	}
	data, err := domain.Decode(e)
	if err != nil {
		return receipt{}, false
	}
	return receiptIn(data)
}
