package httpapi

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// User is an account as others see it.
type User struct {
	ID            domain.ID     `json:"id"`
	Name          string        `json:"name" doc:"chosen by whoever made the account; not unique" example:"Alice"`
	WalletAddress *string       `json:"wallet_address" doc:"0x and 40 hex digits in lower case; null for none" example:"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"`
	Online        bool          `json:"online" doc:"has a socket open; false between two of whom one blocks the other"`
	LastSeen      instantOrNull `json:"last_seen" doc:"null when unknown, and between two of whom one blocks the other"`
}

const (
	minQuery = 3                  // characters
	maxQuery = 4 * domain.MaxName // bytes
	maxFound = 1_000
)

func (a *api) users() {
	register(a, huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/api/me", Tags: []string{"users"},
		Summary: "Who the token belongs to", Description: "As others see him, and his role.",
	}, a.me)
	register(a, huma.Operation{
		OperationID: "get-user", Method: http.MethodGet, Path: "/api/users/{id}", Tags: []string{"users"},
		Summary: "A user", Description: "Everybody sees everybody, those who were deactivated too.", Errors: []int{http.StatusNotFound},
	}, a.userByID)
	register(a, huma.Operation{
		OperationID: "search-users", Method: http.MethodGet, Path: "/api/users", Tags: []string{"users"},
		Summary:     "Find active users by a part of the name, or by the whole wallet address",
		Description: "Best matches first; case does not matter. At most 1,000 are found.",
		Errors:      []int{http.StatusUnprocessableEntity},
	}, a.searchUsers)
}

// account is one's own account.
type account struct {
	User
	Role domain.Role `json:"role" enum:"member,admin,service" doc:"what one may do"`
}

func (a *api) me(ctx context.Context, c *call, _ *struct{}) (*answer[account], error) {
	found, err := a.oneUser(ctx, c, c.user())
	if err != nil {
		return nil, err
	}
	return ok(account{found.Body, c.role}), nil
}

func (a *api) userByID(ctx context.Context, c *call, in *struct {
	ID domain.ID `path:"id"`
}) (*answer[User], error) {
	return a.oneUser(ctx, c, in.ID)
}

func (a *api) oneUser(ctx context.Context, c *call, id domain.ID) (*answer[User], error) {
	var found []User
	err := a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) (err error) {
		if found, err = a.usersByID(ctx, tx, c, []domain.ID{id}); err != nil {
			return err
		}
		if len(found) == 0 {
			return notFound(&domain.Refusal{Code: domain.UserNotFound, Field: "id", Message: "there is no such user"})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ok(found[0]), nil
}

type searchInput struct {
	Paging
	Query string `query:"query" required:"true" minLength:"3" doc:"at least 3 characters"`
}

func (a *api) searchUsers(ctx context.Context, c *call, in *searchInput) (*answer[list[User]], error) {
	query := strings.TrimSpace(in.Query)
	switch {
	case in.Query == "":
		return nil, missing("query")
	case !utf8.ValidString(query) || strings.ContainsRune(query, 0):
		return nil, invalid("query", "is no usable text")
	case utf8.RuneCountInString(query) < minQuery:
		return nil, invalid("query", "is too short: send at least 3 characters")
	case len(query) > maxQuery:
		return nil, invalid("query", "is longer than a name can be")
	}
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	name := "users " + query
	skip, err := readPosition(name, in.Cursor, 0)
	if err != nil {
		return nil, err
	}
	if skip < 0 || skip > maxFound {
		return nil, badCursor()
	}
	end := int(skip) + limit
	page := list[User]{Items: []User{}}
	err = a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) error {
		ids, err := a.findUsers(ctx, tx, query, end+1)
		if err != nil {
			return err
		}
		if len(ids) > end && end < maxFound {
			page.NextCursor = makeCursor(name, strconv.Itoa(end))
		}
		ids = ids[min(int(skip), len(ids)):min(end, len(ids))]
		page.Items, err = a.usersByID(ctx, tx, c, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ok(page), nil
}

const walletSQL = `
	SELECT id
	FROM users
	WHERE wallet_address = $1 AND active`

// findUsers takes what looks like a whole wallet address for one.
func (a *api) findUsers(ctx context.Context, tx *sql.Tx, query string, limit int) ([]domain.ID, error) {
	if len(query) != 42 || !strings.EqualFold(query[:2], "0x") {
		return a.Tables.SearchUsers(ctx, tx, query, limit)
	}
	var id domain.ID
	err := tx.QueryRowContext(ctx, walletSQL, strings.ToLower(query)).Scan(&id)
	switch err {
	case nil:
		return []domain.ID{id}, nil
	case sql.ErrNoRows:
		return nil, nil
	}
	return nil, fmt.Errorf("find user by wallet: %w", err)
}

const usersSQL = `
	SELECT u.id, u.name, u.wallet_address
	FROM unnest($1::uuid[]) WITH ORDINALITY AS x (id, ordinal)
	JOIN users AS u ON u.id = x.id
	ORDER BY x.ordinal`

// usersByID returns the users in the order of their ids, without those that are not there.
func (a *api) usersByID(ctx context.Context, tx *sql.Tx, c *call, ids []domain.ID) ([]User, error) {
	rows, err := tx.QueryContext(ctx, usersSQL, pgarray.UUIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("read %d users: %w", len(ids), err)
	}
	defer rows.Close()
	found := make([]User, 0, len(ids))
	for rows.Next() {
		var u User
		var wallet sql.NullString
		if err := rows.Scan(&u.ID, &u.Name, &wallet); err != nil {
			return nil, fmt.Errorf("read %d users: %w", len(ids), err)
		}
		u.WalletAddress = textOrNil(wallet)
		found = append(found, u)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read %d users: %w", len(ids), err)
	}
	a.addPresence(c, found)
	return found, nil
}

// addPresence fills in who is online, but not between two of whom one blocks the other.
func (a *api) addPresence(c *call, users []User) {
	hidden := make([]bool, len(users))
	a.View.Read(func(s *domain.State) {
		for i := range users {
			hidden[i] = s.Blocked(c.user(), users[i].ID)
		}
	})
	for i := range users {
		if hidden[i] {
			continue
		}
		online, seen := a.Presence.Online(users[i].ID)
		users[i].Online = online
		if seen != nil {
			users[i].LastSeen = instantOrNull(*seen)
		}
	}
}
