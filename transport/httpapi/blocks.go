package httpapi

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/command"
)

// block is a user whom the caller blocks, and since when.
type block struct {
	User
	UserID    domain.ID `json:"user_id"`
	CreatedAt instant   `json:"created_at"`
}

func (a *api) blocks() {
	tags := []string{"blocks"}
	register(a, huma.Operation{
		OperationID: "block-user", Method: http.MethodPost, Path: "/api/blocks", Tags: tags,
		Summary:     "Block a user",
		Description: "Direct messages between the two, starting a group with the other and adding him are forbidden from then on.",
		Errors:      []int{http.StatusNotFound, http.StatusTooManyRequests},
	}, a.blockUser)
	register(a, huma.Operation{
		OperationID: "unblock-user", Method: http.MethodDelete, Path: "/api/blocks/{user_id}", Tags: tags,
		Summary: "Take a block back", Description: "Only one's own. To take back what is not there is done too.", Errors: []int{http.StatusTooManyRequests},
	}, a.unblockUser)
	register(a, huma.Operation{
		OperationID: "list-blocks", Method: http.MethodGet, Path: "/api/blocks", Tags: tags,
		Summary: "The users whom one blocks", Description: "In no order that means anything. Who blocks oneself is not told.", Errors: []int{http.StatusUnprocessableEntity},
	}, a.listBlocks)
}

func (a *api) blockUser(ctx context.Context, c *call, in *struct {
	Body payload[userBody]
}) (*struct{}, error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	return nil, a.change(c, func() (command.Done, error) { return a.Commands.Block(ctx, c.actor, body.UserID) })
}

func (a *api) unblockUser(ctx context.Context, c *call, in *struct {
	UserID domain.ID `path:"user_id"`
}) (*struct{}, error) {
	return nil, a.change(c, func() (command.Done, error) { return a.Commands.Unblock(ctx, c.actor, in.UserID) })
}

const blocksSQL = `
	SELECT b.created_at, u.id, u.name, u.wallet_address
	FROM user_blocks AS b
	JOIN users AS u ON u.id = b.blocked_id
	WHERE b.user_id = $1 AND b.blocked_id > $2
	ORDER BY b.blocked_id
	LIMIT $3`

func (a *api) listBlocks(ctx context.Context, c *call, in *Paging) (*answer[list[block]], error) {
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	name := "blocks " + c.user().String()
	place, err := readCursor(name, in.Cursor)
	if err != nil {
		return nil, err
	}
	var after domain.ID
	if place != "" {
		if after, err = domain.ParseID(place); err != nil {
			return nil, badCursor()
		}
	}
	var page list[block]
	err = a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) error {
		page.Items, err = readBlocks(ctx, tx, c.user(), after, limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.NextCursor = makeCursor(name, page.Items[limit-1].UserID.String())
	}
	return ok(page), nil
}

// readBlocks leaves presence out, which does not pass between the two.
func readBlocks(ctx context.Context, tx *sql.Tx, of, after domain.ID, limit int) ([]block, error) {
	rows, err := tx.QueryContext(ctx, blocksSQL, of.String(), after.String(), limit)
	if err != nil {
		return nil, fmt.Errorf("list blocks of %s: %w", of, err)
	}
	defer rows.Close()
	found := []block{}
	for rows.Next() {
		var (
			b      block
			since  time.Time
			wallet sql.NullString
		)
		if err := rows.Scan(&since, &b.ID, &b.Name, &wallet); err != nil {
			return nil, fmt.Errorf("list blocks of %s: %w", of, err)
		}
		b.UserID, b.CreatedAt, b.WalletAddress = b.ID, instant(since), textOrNil(wallet)
		found = append(found, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list blocks of %s: %w", of, err)
	}
	return found, nil
}
