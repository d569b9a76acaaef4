package audit

import (
	"encoding/json"
	"time"

	"chainmail/domain"
)

// blockedRow is a row of blocked_messages.
type blockedRow struct {
	data     *domain.MessageBlocked
	position domain.Position
	verdict  verdict
	released *domain.MessageReleased // nil while it is not
	at       time.Time               // of the release
}

// verdict is the part of a payload that the table has to the byte.
type verdict struct {
	Reasons json.RawMessage `json:"reasons"`
	Model   json.RawMessage `json:"model"`
}

// keepBack takes a message that was not sent. It is in no conversation, wherever it was to go.
func (t *Tables) keepBack(e domain.Event, d *domain.MessageBlocked) {
	row := &blockedRow{data: d, position: e.Position}
	if err := json.Unmarshal(e.Payload, &row.verdict); err != nil {
		return
	}
	t.blocked[d.MessageID] = row
	t.messages[d.MessageID] = &messageRow{
		data: domain.MessageSent{
			MessageID: d.MessageID, ConversationID: orZero(d.ConversationID), SenderID: d.SenderID,
			ClientMessageID: d.ClientMessageID, ContentHash: d.ContentHash, RiskScore: d.RiskScore,
			Content: d.Content, Salt: d.Salt, Erased: d.Erased,
		},
		blocked: true, position: e.Position, created: e.RecordedAt,
	}
}

func (t *Tables) release(e domain.Event, d *domain.MessageReleased) {
	if row := t.blocked[d.MessageID]; row != nil && row.released == nil {
		row.released, row.at = d, e.RecordedAt
	}
}

func (t *Tables) blockedTable() Table {
	table := Table{Name: "blocked_messages", Columns: []string{
		"message_id", "sender_id", "receiver_id", "conversation_id", "position", "released_at", "released_id", "released_by",
		"policy_hash", "reasons", "model",
	}}
	for _, id := range sortedKeys(t.blocked) {
		b := t.blocked[id]
		var as, by, model any
		if b.released != nil {
			as, by = b.released.ReleasedID, b.released.ReleasedBy
		}
		if b.data.Model != nil {
			model = b.verdict.Model
		}
		table.Rows = append(table.Rows, []any{
			id, b.data.SenderID, idOrNull(orZero(b.data.ReceiverID)), idOrNull(orZero(b.data.ConversationID)), int64(b.position),
			timeOrNull(b.at), as, by, b.data.PolicyHash, b.verdict.Reasons, model,
		})
	}
	return table
}

func idOrNull(id domain.ID) any {
	if id.IsZero() {
		return nil
	}
	return id
}
