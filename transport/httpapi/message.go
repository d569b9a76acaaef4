package httpapi

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// Message is the frame chat_message with what became of it. The sender sees client_message_id.
type Message struct {
	Type            string        `json:"type" enum:"chat_message"`
	ID              domain.ID     `json:"id"`
	MessageID       domain.ID     `json:"message_id" doc:"as id: its name in frames"`
	ClientMessageID ownText       `json:"client_message_id,omitzero" doc:"only for the sender"`
	ConversationID  *domain.ID    `json:"conversation_id" nullable:"true" doc:"null when it was blocked before there was a conversation"`
	Seq             *domain.Seq   `json:"seq" doc:"null when it was blocked"`
	Position        int64         `json:"position"`
	SenderID        domain.ID     `json:"sender_id"`
	ReceiverID      *domain.ID    `json:"receiver_id,omitempty" doc:"in direct conversations"`
	Content         *string       `json:"content" doc:"the words, as they were sent; null once erased" example:"See you at eight."`
	ContentHash     string        `json:"content_hash"`
	Salt            *string       `json:"salt" doc:"null once erased"`
	Timestamp       instant       `json:"timestamp"`
	IsDelivered     bool          `json:"is_delivered" doc:"all recipients have it"`
	IsRead          bool          `json:"is_read" doc:"all recipients have read it"`
	ErasedAt        instantOrNull `json:"erased_at"`
}

// messageOrNull is a message, or null where there is none.
type messageOrNull struct{ message *Message }

// MarshalJSON implements json.Marshaler.
func (m messageOrNull) MarshalJSON() ([]byte, error) { return encode(m.message), nil }

// Schema implements huma.SchemaProvider.
func (messageOrNull) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{
		OneOf:       []*huma.Schema{r.Schema(reflect.TypeFor[Message](), true, ""), {Type: "null"}},
		Description: "null while there is none",
	}
}

// fullMessage is a message as the tables have it.
type fullMessage struct {
	Message
	riskScore  float64
	wasBlocked bool
}

//go:embed sql/messages.sql
var messagesSQL string

// messagesByID reads messages in no order. Whether the caller may see them is for others to know.
func messagesByID(ctx context.Context, tx *sql.Tx, c *call, ids []domain.ID) ([]fullMessage, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.QueryContext(ctx, messagesSQL, pgarray.UUIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("read %d messages: %w", len(ids), err)
	}
	defer rows.Close()
	found := make([]fullMessage, 0, len(ids))
	for rows.Next() {
		m, err := scanMessage(rows, c.user())
		if err != nil {
			return nil, fmt.Errorf("read %d messages: %w", len(ids), err)
		}
		found = append(found, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read %d messages: %w", len(ids), err)
	}
	return found, nil
}

func scanMessage(rows *sql.Rows, viewer domain.ID) (fullMessage, error) {
	var (
		m               fullMessage
		seq             sql.NullInt64
		client, content sql.NullString
		salt            []byte
		sent            time.Time
		erased          sql.NullTime
	)
	err := rows.Scan(&m.ID, &m.ConversationID, &seq, &m.Position, &m.SenderID, &client, &content, &m.ContentHash,
		&salt, &sent, &m.IsDelivered, &m.IsRead, &erased, &m.riskScore, &m.wasBlocked, &m.ReceiverID)
	if err != nil {
		return fullMessage{}, err
	}
	m.Type, m.MessageID = "chat_message", m.ID
	m.ClientMessageID = ownText{own: m.SenderID == viewer, text: textOrNil(client)}
	m.Content, m.Salt = textOrNil(content), hexOrNil(salt)
	m.Timestamp, m.ErasedAt = instant(sent), instantOrNull(erased.Time)
	if seq.Valid {
		m.Seq = (*domain.Seq)(&seq.Int64)
	}
	return m, nil
}
