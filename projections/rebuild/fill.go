package rebuild

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"chainmail/domain"
)

const (
	readSize     = 1_000   // events in one read
	pageSize     = 20_000  // events in one transaction, unless they are large
	pageBytes    = 8 << 20 // after which a page is full, as the log stores events
	readAhead    = 1       // pages that wait to be applied; the reader waits when they are full
	closeTimeout = 10 * time.Second
)

// page is a run of events, decoded, without those that the projection does not want.
type page struct {
	events []domain.Event
	last   domain.Position
}

// fill applies the log up to a position, which is in it. Reading and decoding go on while the database
// writes.
func (b *build) fill(ctx context.Context, goal domain.Position) error {
	pages := make(chan page, readAhead)
	g, ctx := errgroup.WithContext(ctx)
	after := b.position
	g.Go(func() error {
		defer close(pages)
		return b.read(ctx, after, goal, pages)
	})
	g.Go(func() error {
		for p := range pages {
			if err := b.apply(ctx, p.events); err != nil {
				return err
			}
			b.position = p.last
			b.report(Progress{Projection: b.projection.Name, Stage: StageFill, Position: p.last, Goal: goal})
		}
		return nil
	})
	return g.Wait()
}

func (b *build) read(ctx context.Context, after, goal domain.Position, pages chan<- page) error {
	for after < goal {
		p, err := b.readPage(ctx, after, goal)
		if err != nil {
			return err
		}
		select {
		case pages <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
		after = p.last
	}
	return nil
}

// readPage reads on until the page is full or ends with the goal. It is made of small reads, so that neither many large
// events nor those that are not wanted are held at once.
func (b *build) readPage(ctx context.Context, after, goal domain.Position) (page, error) {
	p := page{last: after}
	for size := 0; p.last < goal && p.last-after < pageSize && size < pageBytes; {
		events, err := b.log.Read(ctx, p.last, int(min(readSize, goal-p.last)))
		if err != nil {
			return page{}, err
		}
		if len(events) == 0 {
			return page{}, fmt.Errorf("the log ends at position %d, where it had more: run replay", p.last)
		}
		p.last = events[len(events)-1].Position
		for _, e := range events {
			if types := b.projection.Types; types != nil && !slices.Contains(types, e.Type) {
				if !b.projection.Closed && !slices.Contains(domain.Types(), e.Type) { // it may matter, a newer release knows
					return page{}, &ApplyError{b.projection.Name, e.Type, e.Position, domain.ErrUnknownType}
				}
				continue
			}
			if data, err := domain.Decode(e); err == nil { // else Apply will say so
				e = e.WithData(data)
			}
			size += len(e.Payload) + len(e.Metadata) + len(e.Body)
			p.events = append(p.events, e)
		}
	}
	return p, nil
}

// apply writes events into the shadow. When they are refused they are halved until the event that is
// at fault stands alone.
func (b *build) apply(ctx context.Context, events []domain.Event) error {
	if len(events) == 0 {
		return nil
	}
	err := b.commit(ctx, events)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || fromServer(err) || !fromEvent(err):
		return fmt.Errorf("fill the shadow of %s: %w", b.projection.Name, err)
	case len(events) == 1:
		return &ApplyError{b.projection.Name, events[0].Type, events[0].Position, errors.Unwrap(err)}
	}
	half := len(events) / 2
	if err := b.apply(ctx, events[:half]); err != nil {
		return err
	}
	return b.apply(ctx, events[half:])
}

// applyError is what Apply returned.
type applyError struct{ err error }

func (e *applyError) Error() string { return e.err.Error() }
func (e *applyError) Unwrap() error { return e.err }

func fromEvent(err error) bool {
	var e *applyError
	return errors.As(err, &e)
}

// commit applies events in one transaction, which need not wait for the disk: a shadow that is lost
// is made again.
func (b *build) commit(ctx context.Context, events []domain.Event) error {
	tx, err := b.session.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // without effect once committed
	if err := b.point(ctx, tx); err != nil {
		return err
	}
	if err := b.projection.Apply(ctx, tx, events); err != nil {
		return &applyError{err}
	}
	return tx.Commit()
}

// pointSQL lets names of tables mean the shadow's. Plans are made for each batch, which is so large
// that planning costs nothing; yet none of them may read a whole table, which grows from batch to batch.
const pointSQL = `
	SELECT set_config('search_path', $1, true), set_config('synchronous_commit', 'off', true),
		set_config('enable_seqscan', 'off', true)`

func (b *build) point(ctx context.Context, tx *sql.Tx) error {
	path := pq.QuoteIdentifier(b.schema) + ", " + pq.QuoteIdentifier(b.live)
	if _, err := tx.ExecContext(ctx, pointSQL, path); err != nil {
		return fmt.Errorf("point to %s: %w", b.schema, err)
	}
	return nil
}

const headSQL = `
	SELECT coalesce(max(position), 0)
	FROM events`

func (b *build) head(ctx context.Context) (head domain.Position, err error) {
	if err := b.session.QueryRowContext(ctx, headSQL).Scan(&head); err != nil {
		return 0, fmt.Errorf("read head: %w", err)
	}
	return head, nil
}
