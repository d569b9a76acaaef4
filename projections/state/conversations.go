package state

import (
	"context"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// conversations are those that a batch starts.
type conversations struct{ started []conversation }

type conversation struct {
	event domain.Event
	data  *domain.ConversationStarted
}

func (c *conversations) start(e domain.Event, d *domain.ConversationStarted) {
	c.started = append(c.started, conversation{e, d})
}

const insertConversationsSQL = `
	INSERT INTO conversations (id, starter_id, last_position, position, created_at, participants, direct, title)
	SELECT c.id, c.starter_id, c.position, c.position, c.created_at, c.participants, c.direct, c.title
	FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::integer[], $6::boolean[], $7::text[])
		AS c (id, starter_id, position, created_at, participants, direct, title)`

func (c *conversations) write(ctx context.Context, tx transaction) error {
	if len(c.started) == 0 {
		return nil
	}
	ids, starters, positions := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewInt8s()
	times, counts := pgarray.NewTimes(), pgarray.NewInt4s()
	direct, titles := pgarray.NewBools(), pgarray.NewTexts()
	for _, s := range c.started {
		ids.UUID(s.data.ConversationID)
		starters.UUID(s.data.StarterID)
		positions.Int8(int64(s.event.Position))
		times.Time(s.event.RecordedAt)
		counts.Int4(int32(len(s.data.ParticipantIDs)))
		direct.Bool(s.data.Direct)
		textOrNull(titles, s.data.Title)
	}
	_, err := tx.ExecContext(ctx, insertConversationsSQL, ids.Bytes(), starters.Bytes(), positions.Bytes(),
		times.Bytes(), counts.Bytes(), direct.Bytes(), titles.Bytes())
	if err != nil {
		return fmt.Errorf("insert conversations: %w", err)
	}
	return nil
}
