package httpapi

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// complete fills in participants, last messages and unread counts.
func (a *api) complete(ctx context.Context, tx *sql.Tx, c *call, found []conversation) error {
	ids := make([]domain.ID, len(found))
	index := make(map[domain.ID]int, len(found))
	for i := range found {
		ids[i] = found[i].ID
		index[found[i].ID] = i
	}
	if err := a.addParticipants(ctx, tx, c, ids, found); err != nil {
		return err
	}
	last, err := lastMessages(ctx, tx, ids, found)
	if err != nil {
		return err
	}
	all, err := messagesByID(ctx, tx, c, last)
	if err != nil {
		return err
	}
	for _, m := range all {
		found[index[*m.ConversationID]].LastMessage.message = &m.Message
	}
	unread, err := a.Tables.Unread(ctx, tx, c.user(), ids)
	if err != nil {
		return err
	}
	for i := range found {
		found[i].UnreadCount = unread[found[i].ID]
	}
	return nil
}

//go:embed sql/participants.sql
var participantsSQL string

func (a *api) addParticipants(
	ctx context.Context, tx *sql.Tx, c *call, ids []domain.ID, found []conversation,
) error {
	at := pgarray.NewInt8s()
	for i := range found {
		at.Int8(int64(found[i].sight.at))
		found[i].Participants = []User{}
	}
	rows, err := tx.QueryContext(ctx, participantsSQL, pgarray.UUIDs(ids), at.Bytes())
	if err != nil {
		return fmt.Errorf("read participants: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var u User
		var i int
		var wallet sql.NullString
		if err := rows.Scan(&i, &u.ID, &u.Name, &wallet); err != nil {
			return fmt.Errorf("read participants: %w", err)
		}
		u.WalletAddress = textOrNil(wallet)
		found[i].Participants = append(found[i].Participants, u)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read participants: %w", err)
	}
	for i := range found {
		a.addPresence(c, found[i].Participants)
	}
	return nil
}

//go:embed sql/last_messages.sql
var lastMessagesSQL string

// lastMessages finds the last message that the caller sees in each conversation, if there is one.
func lastMessages(ctx context.Context, tx *sql.Tx, ids []domain.ID, found []conversation) ([]domain.ID, error) {
	first, last := pgarray.NewInt8s(), pgarray.NewInt8s()
	for i := range found {
		first.Int8(int64(found[i].sight.first))
		last.Int8(int64(found[i].sight.last))
	}
	rows, err := tx.QueryContext(ctx, lastMessagesSQL, pgarray.UUIDs(ids), first.Bytes(), last.Bytes())
	if err != nil {
		return nil, fmt.Errorf("find last messages: %w", err)
	}
	defer rows.Close()
	var messages []domain.ID
	for rows.Next() {
		var id domain.ID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("find last messages: %w", err)
		}
		messages = append(messages, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find last messages: %w", err)
	}
	return messages, nil
}
