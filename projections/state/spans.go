package state

import (
	"context"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

// spans are the memberships that a batch opens and closes.
type spans struct {
	opened []span
	open   map[member]int // which of opened is not closed
	closed []span         // those that were opened before the batch: joined is not set
}

type member struct{ conversation, user domain.ID }

type span struct {
	member
	joined domain.Event
	left   *domain.Event
}

func (s *spans) join(e domain.Event, m member) {
	s.open[m] = len(s.opened)
	s.opened = append(s.opened, span{member: m, joined: e})
}

func (s *spans) leave(e domain.Event, m member) {
	if i, ok := s.open[m]; ok {
		s.opened[i].left = &e
		delete(s.open, m)
		return
	}
	s.closed = append(s.closed, span{member: m, left: &e})
}

const closeSpansSQL = `
	UPDATE conversation_participants AS p
	SET left_position = x.position, left_seq = x.seq, left_at = x.at
	FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::timestamptz[])
		AS x (conversation_id, user_id, position, seq, at)
	WHERE p.conversation_id = x.conversation_id
		AND p.user_id = x.user_id
		AND p.left_position IS NULL`

const openSpansSQL = `
	INSERT INTO conversation_participants (conversation_id, user_id, joined_position, left_position,
		joined_seq, left_seq, joined_at, left_at, acked_seq)
	SELECT x.conversation_id, x.user_id, x.joined_position, x.left_position,
		x.joined_seq, x.left_seq, x.joined_at, x.left_at, x.joined_seq
	FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[],
			$5::bigint[], $6::bigint[], $7::timestamptz[], $8::timestamptz[])
		AS x (conversation_id, user_id, joined_position, left_position,
			joined_seq, left_seq, joined_at, left_at)`

// write closes first: who left and joined again has two spans.
func (s *spans) write(ctx context.Context, tx transaction) error {
	if len(s.closed) > 0 {
		if err := s.close(ctx, tx); err != nil {
			return err
		}
	}
	if len(s.opened) == 0 {
		return nil
	}
	conversations, users := pgarray.NewUUIDs(), pgarray.NewUUIDs()
	joinedPositions, leftPositions := pgarray.NewInt8s(), pgarray.NewInt8s()
	joinedSeqs, leftSeqs := pgarray.NewInt8s(), pgarray.NewInt8s()
	joinedTimes, leftTimes := pgarray.NewTimes(), pgarray.NewTimes()
	for _, x := range s.opened {
		conversations.UUID(x.conversation)
		users.UUID(x.user)
		joinedPositions.Int8(int64(x.joined.Position))
		joinedSeqs.Int8(int64(x.joined.Version))
		joinedTimes.Time(x.joined.RecordedAt)
		if x.left == nil {
			leftPositions.Null()
			leftSeqs.Null()
			leftTimes.Null()
			continue
		}
		leftPositions.Int8(int64(x.left.Position))
		leftSeqs.Int8(int64(x.left.Version))
		leftTimes.Time(x.left.RecordedAt)
	}
	_, err := tx.ExecContext(ctx, openSpansSQL, conversations.Bytes(), users.Bytes(),
		joinedPositions.Bytes(), leftPositions.Bytes(), joinedSeqs.Bytes(), leftSeqs.Bytes(),
		joinedTimes.Bytes(), leftTimes.Bytes())
	if err != nil {
		return fmt.Errorf("insert participants: %w", err)
	}
	return nil
}

func (s *spans) close(ctx context.Context, tx transaction) error {
	conversations, users := pgarray.NewUUIDs(), pgarray.NewUUIDs()
	positions, seqs, times := pgarray.NewInt8s(), pgarray.NewInt8s(), pgarray.NewTimes()
	for _, x := range s.closed {
		conversations.UUID(x.conversation)
		users.UUID(x.user)
		positions.Int8(int64(x.left.Position))
		seqs.Int8(int64(x.left.Version))
		times.Time(x.left.RecordedAt)
	}
	result, err := tx.ExecContext(ctx, closeSpansSQL, conversations.Bytes(), users.Bytes(),
		positions.Bytes(), seqs.Bytes(), times.Bytes())
	if err != nil {
		return fmt.Errorf("close participants' spans: %w", err)
	}
	return projections.Affected("participants who leave", result, len(s.closed))
}
