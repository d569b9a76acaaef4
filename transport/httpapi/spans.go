package httpapi

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// span is a range of seqs.
type span struct{ first, last domain.Seq }

const spansSeenSQL = `
	SELECT joined_seq, coalesce(left_seq, 9223372036854775807)
	FROM conversation_participants
	WHERE conversation_id = $1 AND user_id = $2`

const conversationExistsSQL = `
	SELECT EXISTS (SELECT FROM conversations WHERE id = $1)`

// spansSeen are the parts of a conversation that the caller sees: those of his memberships.
func spansSeen(ctx context.Context, tx *sql.Tx, c *call, conversation domain.ID) ([]span, error) {
	if c.admin {
		var exists bool
		if err := tx.QueryRowContext(ctx, conversationExistsSQL, conversation.String()).Scan(&exists); err != nil {
			return nil, fmt.Errorf("look for conversation %s: %w", conversation, err)
		}
		if !exists {
			return nil, noConversation()
		}
		return []span{{everything.first, everything.last}}, nil
	}
	rows, err := tx.QueryContext(ctx, spansSeenSQL, conversation.String(), c.user().String())
	if err != nil {
		return nil, fmt.Errorf("read memberships in %s: %w", conversation, err)
	}
	defer rows.Close()
	var spans []span
	for rows.Next() {
		var s span
		if err := rows.Scan(&s.first, &s.last); err != nil {
			return nil, fmt.Errorf("read memberships in %s: %w", conversation, err)
		}
		spans = append(spans, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read memberships in %s: %w", conversation, err)
	}
	if len(spans) == 0 {
		return nil, noConversation()
	}
	return spans, nil
}

// clip cuts spans to what lies in the window.
func clip(spans []span, w window) []span {
	var clipped []span
	for _, s := range spans {
		if s = (span{max(s.first, w.first), min(s.last, w.last)}); s.first <= s.last {
			clipped = append(clipped, s)
		}
	}
	return clipped
}

// bounds are the two arrays of spans that queries take.
func bounds(spans []span) (first, last []byte) {
	firsts, lasts := pgarray.NewInt8s(), pgarray.NewInt8s()
	for _, s := range spans {
		firsts.Int8(int64(s.first))
		lasts.Int8(int64(s.last))
	}
	return firsts.Bytes(), lasts.Bytes()
}
