package httpapi

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"chainmail/domain"
)

// minPositionHeader is a position that a read has to show.
const minPositionHeader = "Chainmail-Min-Position"

// readTimeout bounds how long a read may keep the database busy.
const readTimeout = 10 * time.Second

// notFoundError says that the tables do not have what was asked for, and what the client is then told.
type notFoundError struct{ *Problem }

func notFound(what *domain.Refusal) error { return notFoundError{refused(what)} }

// Unwrap gives the problem.
func (e notFoundError) Unwrap() error { return e.Problem }

// waitForMinPosition holds a read back until what it reads shows what the client wants to see.
func (a *api) waitForMinPosition(ctx huma.Context, next func(huma.Context)) {
	text := ctx.Header(minPositionHeader)
	if text == "" {
		next(ctx)
		return
	}
	_, w := humago.Unwrap(ctx)
	position, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		invalid(minPositionHeader, "must be an integer, 0 or more").write(w)
		return
	}
	waiting, cancel := context.WithTimeout(ctx.Context(), patience)
	defer cancel()
	from := ctx.Context().Value(callKey{}).(*call).from
	if err := from.Wait(waiting, domain.Position(position)); err != nil {
		unavailable("the server does not show position " + text + " yet: try again").write(w)
		return
	}
	next(ctx)
}

// read calls f with a transaction that sees the tables as of one position, and makes it the answer's. When f
// finds that something is not there, the tables are brought up to date and f has another go.
func (a *api) read(ctx context.Context, c *call, f func(context.Context, *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	err := a.readOnce(ctx, c, f)
	var absent notFoundError
	if !errors.As(err, &absent) {
		return err
	}
	if err := a.freshen(ctx, c.from.Wait); err != nil {
		return err
	}
	return a.readOnce(ctx, c, f)
}

func (a *api) readOnce(ctx context.Context, c *call, f func(context.Context, *sql.Tx) error) error {
	tx, err := a.Log.DB().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read tables: %w", err)
	}
	defer tx.Rollback() // nothing to commit
	position, err := begin(ctx, tx, c.from)
	if err != nil {
		return err
	}
	c.at(position)
	return f(ctx, tx)
}

const offsetSQL = `
	SELECT position
	FROM projection_offsets
	WHERE projection = $1`

// begin holds the tables of a projection as they are, and tells of which position they are.
func begin(ctx context.Context, tx *sql.Tx, from source) (position domain.Position, err error) {
	if _, err := tx.ExecContext(ctx, from.lock); err != nil {
		return 0, fmt.Errorf("read tables: %w", err)
	}
	return positionOf(ctx, tx, from)
}

// positionOf tells of which position the tables are.
func positionOf(ctx context.Context, tx *sql.Tx, from source) (position domain.Position, err error) {
	err = tx.QueryRowContext(ctx, offsetSQL, from.projection).Scan(&position)
	if errors.Is(err, sql.ErrNoRows) { // the projection has never run
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the tables' position: %w", err)
	}
	return position, nil
}
