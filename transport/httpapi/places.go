package httpapi

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"chainmail/domain"
)

// change is the frame conversation: who came and who left.
type change struct {
	Type           string      `json:"type" enum:"conversation"`
	ConversationID domain.ID   `json:"conversation_id"`
	Change         string      `json:"change" doc:"what happened" enum:"started,participant_added,participant_left"`
	UserID         domain.ID   `json:"user_id" doc:"who started it, came or left"`
	ParticipantIDs []domain.ID `json:"participant_ids" nullable:"false" doc:"who took part after it"`
	Title          *string     `json:"title" doc:"what the group is called; null for no title"`
	Seq            domain.Seq  `json:"seq"`
	Position       int64       `json:"position"`
	Timestamp      instant     `json:"timestamp"`
}

// place is what stands at a seq of a conversation: a message, or a change.
type place struct {
	seq     domain.Seq
	message domain.ID
	change  *change
}

// placesIn finds up to limit places in spans of a conversation: the first in order if forward, else the last and
// in descending order. more says that there are others behind them.
func placesIn(
	ctx context.Context, tx *sql.Tx, conversation domain.ID, spans []span, forward bool, limit int,
) (places []place, more bool, err error) {
	if places, err = messagePlaces(ctx, tx, conversation, spans, forward, limit+1); err != nil {
		return nil, false, err
	}
	changes, err := changePlaces(ctx, tx, conversation, spans, forward, limit+1)
	if err != nil {
		return nil, false, err
	}
	places = append(places, changes...)
	slices.SortFunc(places, func(a, b place) int {
		if forward {
			return cmp.Compare(a.seq, b.seq)
		}
		return cmp.Compare(b.seq, a.seq)
	})
	more = len(places) > limit
	return places[:min(limit, len(places))], more, nil
}

const messagesForwardSQL = `
	SELECT m.seq, m.id
	FROM unnest($2::bigint[], $3::bigint[]) AS w (first, last)
	CROSS JOIN LATERAL (
		SELECT s.seq, s.id
		FROM messages AS s
		WHERE s.conversation_id = $1 AND s.seq BETWEEN w.first AND w.last
		ORDER BY s.seq
		LIMIT $4
	) AS m
	ORDER BY m.seq
	LIMIT $4`

const messagesBackwardSQL = `
	SELECT m.seq, m.id
	FROM unnest($2::bigint[], $3::bigint[]) AS w (first, last)
	CROSS JOIN LATERAL (
		SELECT s.seq, s.id
		FROM messages AS s
		WHERE s.conversation_id = $1 AND s.seq BETWEEN w.first AND w.last
		ORDER BY s.seq DESC
		LIMIT $4
	) AS m
	ORDER BY m.seq DESC
	LIMIT $4`

func messagePlaces(
	ctx context.Context, tx *sql.Tx, conversation domain.ID, spans []span, forward bool, limit int,
) ([]place, error) {
	query := messagesBackwardSQL
	if forward {
		query = messagesForwardSQL
	}
	first, last := bounds(spans)
	rows, err := tx.QueryContext(ctx, query, conversation.String(), first, last, limit)
	if err != nil {
		return nil, fmt.Errorf("page through messages of %s: %w", conversation, err)
	}
	defer rows.Close()
	var places []place
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.seq, &p.message); err != nil {
			return nil, fmt.Errorf("page through messages of %s: %w", conversation, err)
		}
		places = append(places, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("page through messages of %s: %w", conversation, err)
	}
	return places, nil
}

//go:embed sql/changes.sql
var changesSQL string

func changePlaces(
	ctx context.Context, tx *sql.Tx, conversation domain.ID, spans []span, forward bool, limit int,
) ([]place, error) {
	first, last := bounds(spans)
	rows, err := tx.QueryContext(ctx, changesSQL, conversation.String(), first, last, forward, limit)
	if err != nil {
		return nil, fmt.Errorf("page through changes of %s: %w", conversation, err)
	}
	defer rows.Close()
	var places []place
	for rows.Next() {
		c := change{Type: "conversation", ConversationID: conversation, ParticipantIDs: []domain.ID{}}
		var at time.Time
		var title sql.NullString
		if err := rows.Scan(&c.Change, &c.UserID, &c.Seq, &c.Position, &at, &title); err != nil {
			return nil, fmt.Errorf("page through changes of %s: %w", conversation, err)
		}
		c.Timestamp, c.Title = instant(at), textOrNil(title)
		places = append(places, place{seq: c.Seq, change: &c})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("page through changes of %s: %w", conversation, err)
	}
	return places, nil
}

const membershipsSQL = `
	SELECT user_id, joined_position, coalesce(left_position, 9223372036854775807)
	FROM conversation_participants
	WHERE conversation_id = $1
	ORDER BY user_id, joined_position`

// addParticipantIDs fills in who took part after each change.
func addParticipantIDs(ctx context.Context, tx *sql.Tx, conversation domain.ID, places []place) error {
	rows, err := tx.QueryContext(ctx, membershipsSQL, conversation.String())
	if err != nil {
		return fmt.Errorf("read memberships in %s: %w", conversation, err)
	}
	defer rows.Close()
	for rows.Next() {
		var user domain.ID
		var joined, left int64
		if err := rows.Scan(&user, &joined, &left); err != nil {
			return fmt.Errorf("read memberships in %s: %w", conversation, err)
		}
		for _, p := range places {
			if p.change != nil && joined <= p.change.Position && p.change.Position < left {
				p.change.ParticipantIDs = append(p.change.ParticipantIDs, user)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read memberships in %s: %w", conversation, err)
	}
	return nil
}
