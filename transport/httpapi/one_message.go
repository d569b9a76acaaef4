package httpapi

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
)

// oneMessage is a message with everything that is known of it.
type oneMessage struct {
	Message
	Receipts   []receipt `json:"receipts" nullable:"false"`
	RiskScore  float64   `json:"risk_score" minimum:"0" maximum:"1"`
	WasBlocked bool      `json:"was_blocked" doc:"the guard kept it back: nobody else got it"`
}

const visibleSQL = `
	SELECT true
	FROM messages AS m
	WHERE m.id = $1
		AND ($3 OR CASE WHEN m.seq IS NULL THEN m.sender_id = $2 ELSE EXISTS (
			SELECT FROM conversation_participants AS p
			WHERE p.conversation_id = m.conversation_id
				AND p.user_id = $2
				AND p.joined_position <= m.position
				AND (p.left_position IS NULL OR p.left_position >= m.position)
		) END)`

func (a *api) messageByID(ctx context.Context, c *call, in *struct {
	ID domain.ID `path:"id"`
}) (*answer[oneMessage], error) {
	var result oneMessage
	err := a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) error {
		m, err := readVisible(ctx, tx, c, in.ID)
		if err != nil {
			return err
		}
		receipts, err := receiptsOf(ctx, tx, []domain.ID{in.ID})
		if err != nil {
			return err
		}
		result = oneMessage{m.Message, listed(receipts[in.ID]), m.riskScore, m.wasBlocked}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ok(result), nil
}

// readVisible reads a message that the caller may see; any other is not found.
func readVisible(ctx context.Context, tx *sql.Tx, c *call, id domain.ID) (fullMessage, error) {
	var visible bool
	err := tx.QueryRowContext(ctx, visibleSQL, id.String(), c.user().String(), c.admin).Scan(&visible)
	if errors.Is(err, sql.ErrNoRows) {
		return fullMessage{}, notFound(&domain.Refusal{Code: domain.MessageNotFound, Field: "id", Message: "there is no such message"})
	}
	if err != nil {
		return fullMessage{}, fmt.Errorf("look for message %s: %w", id, err)
	}
	found, err := messagesByID(ctx, tx, c, []domain.ID{id})
	if err != nil {
		return fullMessage{}, err
	}
	return found[0], nil // the transaction sees it again
}
