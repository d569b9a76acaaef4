package httpapi

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
)

// conversation is a conversation as one of its participants sees it.
type conversation struct {
	ID           domain.ID     `json:"id"`
	Title        *string       `json:"title" doc:"null for none"`
	Direct       bool          `json:"direct" doc:"between two people"`
	Participants []User        `json:"participants" nullable:"false" doc:"who takes part"`
	LastMessage  messageOrNull `json:"last_message"`
	UnreadCount  int           `json:"unread_count" doc:"others' messages since joining, not erased, not read; of those that no client has acknowledged the newest 1,000 count"`
	CreatedAt    instant       `json:"created_at"`

	last  domain.Position // of the last message or the start
	sight sight
}

// sight is what the caller sees of a conversation: the seqs from first to last, the participants as of at.
type sight struct {
	first, last domain.Seq
	at          domain.Position
}

// everything is the sight of an admin.
var everything = sight{first: 0, last: math.MaxInt64, at: math.MaxInt64}

func (a *api) conversations() {
	tags := []string{"conversations"}
	there := orElse[conversation](a)
	there["200"].Description = "The direct conversation of the two, or what the same Idempotency-Key has started, as it is now"
	register(a, huma.Operation{
		OperationID: "start-conversation", Method: http.MethodPost, Path: "/api/conversations", Tags: tags,
		Summary: "Start a conversation",
		Description: "With one other person and no title: the direct conversation, 200 if it is there already. " +
			"A group that the same Idempotency-Key has started is 200 too.",
		DefaultStatus: http.StatusCreated,
		Responses:     there,
		Errors:        []int{http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests},
	}, a.start)
	orBlocked[BlockedText](a, "/api/conversations")
	register(a, huma.Operation{
		OperationID: "list-conversations", Method: http.MethodGet, Path: "/api/conversations", Tags: tags,
		Summary:     "The conversations that one takes part in, newest activity first",
		Description: "With the last message that one sees in each, and how many are unread.",
		Errors:      []int{http.StatusUnprocessableEntity},
	}, a.listConversations)
	register(a, huma.Operation{
		OperationID: "get-conversation", Method: http.MethodGet, Path: "/api/conversations/{id}", Tags: tags,
		Summary:     "A conversation",
		Description: "Who has left sees it as it was then.",
		Errors:      []int{http.StatusNotFound},
	}, a.conversationByID)
}

//go:embed sql/conversations.sql
var conversationsSQL string

func (a *api) listConversations(ctx context.Context, c *call, in *Paging) (*answer[list[conversation]], error) {
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	name := "conversations " + c.user().String()
	before, err := readPosition(name, in.Cursor, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	var page list[conversation]
	err = a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) error {
		found, err := scanConversations(tx.QueryContext(ctx, conversationsSQL, c.user().String(), before, limit+1))
		if err != nil {
			return fmt.Errorf("list conversations of %s: %w", c.user(), err)
		}
		if len(found) > limit {
			found = found[:limit]
			page.NextCursor = makeCursor(name, strconv.FormatInt(int64(found[limit-1].last), 10))
		}
		page.Items = found
		return a.complete(ctx, tx, c, found)
	})
	if err != nil {
		return nil, err
	}
	return ok(page), nil
}

func (a *api) conversationByID(ctx context.Context, c *call, in *struct {
	ID domain.ID `path:"id"`
}) (*answer[conversation], error) {
	found, err := a.oneConversation(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	return ok(found), nil
}

//go:embed sql/conversation.sql
var conversationSQL string

func (a *api) oneConversation(ctx context.Context, c *call, id domain.ID) (conversation, error) {
	var found []conversation
	err := a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) (err error) {
		found, err = scanConversations(tx.QueryContext(ctx, conversationSQL, id.String(), c.user().String()))
		if err != nil {
			return fmt.Errorf("read conversation %s: %w", id, err)
		}
		if len(found) > 0 && c.admin {
			found[0].sight = everything
		}
		if len(found) == 0 || found[0].sight == (sight{}) {
			return noConversation()
		}
		return a.complete(ctx, tx, c, found)
	})
	if err != nil {
		return conversation{}, err
	}
	return found[0], nil
}

func noConversation() error {
	return notFound(&domain.Refusal{
		Code: domain.ConversationNotFound, Field: "id", Message: "there is no such conversation",
	})
}

// scanConversations reads rows with what the caller sees of each; a sight of nothing for who never took part.
func scanConversations(rows *sql.Rows, err error) ([]conversation, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []conversation{}
	for rows.Next() {
		var (
			c                    conversation
			title                sql.NullString
			started              time.Time
			joined, left, leftAt sql.NullInt64
		)
		if err := rows.Scan(&c.ID, &title, &c.Direct, &started, &c.last, &joined, &left, &leftAt); err != nil {
			return nil, err
		}
		c.Title, c.CreatedAt = textOrNil(title), instant(started)
		if joined.Valid {
			c.sight = sight{first: domain.Seq(joined.Int64), last: math.MaxInt64, at: math.MaxInt64}
		}
		if left.Valid {
			c.sight.last, c.sight.at = domain.Seq(left.Int64), domain.Position(leftAt.Int64)
		}
		found = append(found, c)
	}
	return found, rows.Err()
}
