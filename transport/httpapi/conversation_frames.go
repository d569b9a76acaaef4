package httpapi

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// framesAtOnce is how many events of a conversation are read at a time, and the receipts among them looked up.
const framesAtOnce = 2 * maxSyncItems

func (a *api) conversationFrames() {
	register(a, huma.Operation{
		OperationID: "get-conversation-frames", Method: http.MethodGet, Path: "/api/conversations/{id}/frames", Tags: []string{"conversations"},
		Summary: "All that happened in a conversation, as frames",
		Description: "In order of position, with every single receipt, as far as the history shows it: what became of a message is shown with the message. " +
			"A page has at most 500 frames or 1 MiB.",
		Errors: []int{http.StatusNotFound},
	}, a.framesOf)
}

type conversationFramesInput struct {
	ID    domain.ID `path:"id"`
	Since number    `query:"since" doc:"a position, 0 unless told: that of the last page goes on after it"`
}

// framesOf reads the two streams of a conversation, which the log finds by their names: as much as the page needs, and
// nothing of other conversations.
func (a *api) framesOf(ctx context.Context, c *call, in *conversationFramesInput) (*answer[missed], error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	since := domain.Position(in.Since.value)
	if err := a.include(ctx, c, since); err != nil {
		return nil, err
	}
	var seen []stay
	var upTo domain.Position
	err := a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) (err error) {
		if seen, err = staysSeen(ctx, tx, c, in.ID); err != nil {
			return err
		}
		upTo, err = positionOf(ctx, tx, c.from)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := a.await(ctx, a.View.Wait, upTo); err != nil {
		return nil, err
	}
	page, err := a.retell(ctx, c, in.ID, seen, since, upTo)
	if err != nil {
		return nil, err
	}
	c.at(page.Position)
	return ok(page), nil
}

// include waits until the tables include a position, or says that the log has none such.
func (a *api) include(ctx context.Context, c *call, since domain.Position) error {
	head := a.Log.Head()
	if since > head {
		var err error
		if head, err = a.Log.Fresh(ctx); err != nil {
			return err
		}
	}
	if since > head {
		return beyondHead(head)
	}
	return a.await(ctx, c.from.Wait, since)
}

// retell collects a page.
func (a *api) retell(
	ctx context.Context, c *call, conversation domain.ID, seen []stay, since, upTo domain.Position,
) (missed, error) {
	page := missed{Items: []pushedFrame{}, Position: upTo}
	streams := []domain.StreamID{domain.ConversationStream(conversation), domain.ReceiptStream(conversation)}
	size := 0
	for through := max(since, seen[0].first-1); through < upTo; {
		events, read, err := a.Log.ReadStreams(ctx, streams, through, upTo, framesAtOnce)
		if err != nil {
			return missed{}, err
		}
		if events, err = a.shown(ctx, seen, events); err != nil {
			return missed{}, err
		}
		for _, e := range events {
			frame, err := a.Retell(e, c.user())
			if err != nil {
				return missed{}, err
			}
			if frame == nil {
				continue
			}
			if size += len(frame); len(page.Items) >= maxSyncItems || size > maxSyncBytes && len(page.Items) > 0 {
				page.Position, page.More = e.Position-1, true
				return page, nil
			}
			page.Items = append(page.Items, frame)
		}
		through = read
	}
	return page, nil
}

// shown returns those events that one sees: those of the time when he took part, but what became of a message with the message.
func (a *api) shown(ctx context.Context, seen []stay, events []domain.Event) ([]domain.Event, error) {
	about := make([]domain.ID, len(events)) // the message of a receipt
	at := make([]domain.Position, len(events))
	var received []domain.ID
	for i, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			continue // what cannot be read was logged when it was to be pushed
		}
		at[i], events[i] = e.Position, e.WithData(data)
		switch d := data.(type) {
		case *domain.MessageDelivered:
			about[i] = d.MessageID
		case *domain.MessageRead:
			about[i] = d.MessageID
		case *domain.ContentErased:
			at[i] = d.ErasedPosition
		}
		if !about[i].IsZero() {
			received = append(received, about[i])
		}
	}
	positions, err := a.positionsOf(ctx, received)
	if err != nil {
		return nil, err
	}
	var shown []domain.Event
	for i, e := range events {
		if !about[i].IsZero() {
			at[i] = positions[about[i]]
		}
		if within(seen, at[i]) {
			shown = append(shown, e)
		}
	}
	return shown, nil
}

const messagePositionsSQL = `
	SELECT id, position
	FROM messages
	WHERE id = ANY ($1::uuid[])`

// positionsOf finds where messages are in the log.
func (a *api) positionsOf(ctx context.Context, messages []domain.ID) (map[domain.ID]domain.Position, error) {
	positions := make(map[domain.ID]domain.Position)
	if len(messages) == 0 {
		return positions, nil
	}
	rows, err := a.Log.DB().QueryContext(ctx, messagePositionsSQL, pgarray.UUIDs(messages))
	if err != nil {
		return nil, fmt.Errorf("find %d messages: %w", len(messages), err)
	}
	defer rows.Close()
	for rows.Next() {
		var id domain.ID
		var position domain.Position
		if err := rows.Scan(&id, &position); err != nil {
			return nil, fmt.Errorf("find %d messages: %w", len(messages), err)
		}
		positions[id] = position
	}
	return positions, rows.Err()
}

// stay is a range of positions, of joining and of leaving.
type stay struct{ first, last domain.Position }

func within(seen []stay, at domain.Position) bool {
	for _, s := range seen {
		if s.first <= at && at <= s.last {
			return true
		}
	}
	return false
}

const staysSeenSQL = `
	SELECT joined_position, coalesce(left_position, 9223372036854775807)
	FROM conversation_participants
	WHERE conversation_id = $1 AND user_id = $2
	ORDER BY joined_position`

// staysSeen are the spans of spansSeen as positions, in order; at least one.
func staysSeen(ctx context.Context, tx *sql.Tx, c *call, conversation domain.ID) ([]stay, error) {
	if c.admin {
		_, err := spansSeen(ctx, tx, c, conversation)
		return []stay{{1, math.MaxInt64}}, err
	}
	seen, err := rowsOf(ctx, tx, func(rows *sql.Rows) (s stay, err error) {
		return s, rows.Scan(&s.first, &s.last)
	}, staysSeenSQL, conversation.String(), c.user().String())
	if err != nil {
		return nil, fmt.Errorf("read memberships in %s: %w", conversation, err)
	}
	if len(seen) == 0 {
		return nil, noConversation()
	}
	return seen, nil
}
